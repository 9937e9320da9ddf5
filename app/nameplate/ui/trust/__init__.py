"""How right labels are: figures and charts, and the pictures behind them."""
