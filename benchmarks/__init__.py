"""Measurements; each figure is one JSON line {"name","value","unit","baseline","ratio"} from one run."""
