"""onnxruntime: the library, its sessions, execution providers and devices."""
