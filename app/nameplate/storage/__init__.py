"""Everything that touches a disk: images, resources, caches, exports."""
