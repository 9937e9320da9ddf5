"""A page of pictures that fills its place: what features show pictures to be decided on."""
