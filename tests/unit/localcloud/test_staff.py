"""The demo staff, as tests and the journey use them."""

from pathlib import Path

import pytest

from localcloud.base.addresses import Addresses
from localcloud.cloud.running import Cloud
from localcloud.demo import staff


class Office:
    """A back office that Cognito is not asked for: who signed in with a password, and who came back in a shift."""

    signed_in: list[str] = []
    resumed: list[tuple[str, str]] = []

    def __init__(self, cloud: Cloud, member: staff.Member) -> None:
        self.who, self.refresh_token = f"{cloud.folder.name}/{member.email}", ""

    def sign_in(self) -> None:
        self.signed_in.append(self.who)
        self.refresh_token = f"shift of {self.who}"

    def resume(self, refresh_token: str) -> None:
        self.resumed.append((self.who, refresh_token))


def test_a_member_proves_the_password_once_for_each_cloud_and_has_an_app_of_their_own_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staff, "back_office", Office)
    one, other = (Cloud(Addresses(15_000), tmp_path / name) for name in ("one", "other"))
    asked = [(one, 0), (one, 0), (one, 1), (other, 0)]
    apps = [staff.signed_in(cloud, "trader", number) for cloud, number in asked]
    assert len({id(app) for app in apps}) == len(apps)
    who = [f"{cloud.folder.name}/trader{number + 1}@staff.example" for cloud, number in asked]
    assert Office.signed_in == list(dict.fromkeys(who))
    assert Office.resumed == [(name, f"shift of {name}") for name in who]
