"""What travels to Lambda: the zips of the services and the layers, as `make package` left them."""

from tests.bench import packaged
from tests.bench.rows import Row

KB, MB = 1000, 1_000_000


def measure() -> list[Row]:
    """Return a row for each service's zip and one for the layers together. Raises Unmeasurable if there are none."""
    sizes = packaged.sizes()
    rows = [
        Row(f"size.{service}", f"zip of {service}", sum(zip_["zipBytes"] for zip_ in zips.values()) / KB, "KB", 100)
        for service, zips in sorted(sizes.items())
        if zips and service != "layers"
    ]
    layers = sum(zip_["unzippedBytes"] for zip_ in sizes["layers"].values()) / MB
    return [*rows, Row("size.layers", "layers, unzipped", layers, "MB", 25, 22)]
