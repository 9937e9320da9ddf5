"""Runs: very many pictures, labelled into a folder of shards, and samples of them as projects."""

from typing import Final

from nameplate.plug_ins.feature import Drop, Extension, Feature, GuidePage

FEATURE: Final = Feature(
    __name__,
    extensions=(Extension("label", "command"), Extension("project new", "sample_command")),
    drops=(Drop("run", "", "Open some", "drawing:open_sample"),),
    guide=(GuidePage("large-runs", "Large runs", 90),),
)
