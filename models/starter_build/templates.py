"""Ways to put a name into a sentence, for the mapping back to the bare name.

Half of them are taken from the templates published with CLIP (openai/CLIP,
notebooks/Prompt_Engineering_for_ImageNet.ipynb).
"""

TEMPLATES = (
    "a photo of a {}.", "a bad photo of the {}.", "itap of a {}.", "a photo of the large {}.",
    "a photo of the small {}.", "art of the {}.", "a origami {}.", "a {} in a video game.",
    "a photo of many {}.", "a close-up photo of a {}.", "a blurry photo of the {}.",
    "a photo of the hard to see {}.", "a drawing of a {}.", "a picture of {}", "an image of a {}",
    "the {}", "a {}", "{} photo", "a photo of my {}.", "a black and white photo of the {}.",
    "a red {}", "a blue {}", "a green {}", "a yellow {}", "a black {}", "a white {}", "a brown {}",
    "photo of two {}s", "some {}s", "a big {}", "a small {}", "an old {}",
)  # fmt: skip
