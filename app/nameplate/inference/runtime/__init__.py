"""onnxruntime: the library, its sessions, providers and devices."""
