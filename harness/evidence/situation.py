"""What a scenario was about: the site, the module, the guest and the stores."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.gate import Gate
    from harness.options import Options
    from harness.site.site import Site


@dataclass(frozen=True)
class Situation:
    """As given to the run, or by default."""

    guest: str
    """The kind of guest: debian, nixos or driver."""
    description: str
    """The run's header: guest, acceleration, image, module."""
    site: str
    """The site's file; "" for our own."""
    module: str
    """The module's file; "" for the site's own."""
    store_kind: str
    databases: tuple[str, ...]
    stores: tuple[str, ...]
    options: dict[str, str]
    """The run's non-default ones, by name."""
    exempt: dict[str, str]
    """What the site does not promise, with the reasons."""

    @classmethod
    def of(cls, gate: Gate, site: Site) -> Situation:
        """Describe the gate that made a trial of the site."""
        options = gate.options
        return cls(
            guest=options.guest,
            description=gate.description,
            site=str(options.site or ""),
            module=str(options.module or ""),
            store_kind=options.store,
            databases=site.databases,
            stores=tuple(site.stores),
            options=_chosen(options),
            exempt=dict(site.exempt),
        )


def _chosen(options: Options) -> dict[str, str]:
    default = type(options)()
    names = [field.name for field in fields(options)]
    return {name: str(getattr(options, name)) for name in names if getattr(options, name) != getattr(default, name)}
