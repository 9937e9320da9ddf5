"""Doubtful labels: decided and given labels that the pictures, names or copies contradict."""
