"""An example of a plug-in: an export format and a column, a classifier, a panel and a view mode."""

from nameplate.plug_ins.feature import Action, Feature, When

FEATURE = Feature(
    __name__,
    api=2,
    actions=(
        Action(
            "tally",
            "Count the selected",
            "tally:toggle",
            menu="View/size/240",
            when=When.IMAGES,
            tip="How many of the selected pictures have each name",
        ),
        Action("shades", "By shade", "shades:toggle", menu="View/size/250", when=When.IMAGES),
    ),
    formats=("plain_text:PLAIN_TEXT",),
    columns=("bytes_column:BYTES",),
    classifiers=("without_red:NeverRed",),
)
