"""How far labels can be trusted: figures on how right they are, as charts, and promises."""
