"""The workbench: the problem a state means, refusals in one line, files that solve reads."""

from __future__ import annotations

import itertools
import json
import socket
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.live.answers import outline
from lunar_antenna.live.emulating import main
from lunar_antenna.live.server import Handler, Server
from lunar_antenna.live.session import Session
from lunar_antenna.live.state import Bench, State
from lunar_antenna.plotting.layout import METALS
from lunar_antenna.search.output.design import design_of

SOIL = "simple_eps35"


@pytest.fixture(scope="module")
def session() -> Session:
    return Session(Bench.open(la.load_geometry("bowtie", length=9.0), SOIL, 0.01, 150.0))


def ask(session: Session, kind: str, **more: Any) -> dict[str, Any]:
    answer = session.ask({"type": kind, **more})
    json.dumps(answer, allow_nan=False)
    return answer


def test_sliders_hold_every_number_and_what_it_is(session: Session) -> None:
    start = ask(session, "start")
    found = {item["name"]: item for item in start["parameters"]}
    layout = session.bench.layout
    assert {name: item["value"] for name, item in found.items()} == dict(layout.parameters)
    assert all(item["low"] <= item["value"] <= item["high"] for item in found.values())
    assert found["length"]["unit"] == "m"
    assert start["state"]["z0"] == 150.0
    assert SOIL in start["soils"]


def test_a_move_is_the_draft_solution_of_its_numbers(session: Session) -> None:
    """Z, shares and layout are those of the library for the same problem and mesh."""
    state = {"values": {"length": 8.0}, "soil": SOIL, "eps_r": 3.0, "height": 0.02, "z0": 120.0}
    answer = ask(session, "move", state=state, mark=20e6)
    assert "error" not in answer, answer
    soil = la.load_soil(SOIL)
    first = la.Layer(soil.layers[0].thickness, 3.0, loss_tangent=soil.layers[0].loss_tangent)
    band = la.Band(np.array(answer["frequency"]))
    layout = la.load_geometry("bowtie", length=8.0)
    stack = la.Stack([first, *soil.layers[1:]])
    solved = la.solve(la.Problem(layout, stack, 0.02, band), accuracy="draft")
    z = np.array(answer["z"][0]) + 1j * np.array(answer["z"][1])
    assert np.abs(z / solved.z[:, 0, 0] - 1).max() < 1e-4  # rounded, and a search's tolerance
    sky = solved.efficiency(120.0).sky
    np.testing.assert_allclose(answer["shares"]["sky"], sky, rtol=1e-3)
    assert answer["layout"]["bounds"][2] == pytest.approx(4.0)
    assert answer["layout"]["values"]["gap"] == pytest.approx(0.08)  # follows the length


def test_network_loss_is_a_share(session: Session) -> None:
    network = [{"element": "series L", "value": 2e-6}]
    state = {"values": {}, "soil": SOIL, "height": 0.0, "z0": 100.0, "network": network}
    bare = ask(session, "move", state={**state, "network": []}, mark=20e6)
    with_coil = ask(session, "move", state=state, mark=20e6)
    omega = 2 * np.pi * np.array(bare["frequency"])
    added = np.array(with_coil["z"][1]) - np.array(bare["z"][1])
    np.testing.assert_allclose(added, omega * 2e-6, rtol=1e-3, atol=1e-2)
    total = sum(np.array(part) for part in with_coil["shares"].values())
    np.testing.assert_allclose(total, 1.0, atol=1e-3)


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("text", "message is str"),
        ({"type": "dance"}, "type 'dance'"),
        ({"type": "move", "state": 3}, "state is int"),
        ({"type": "move", "state": {"values": {"length": -1}}}, "length"),
        ({"type": "move", "state": {"values": {"none": 1}}}, "none"),
        ({"type": "move", "state": {"soil": "cheese"}}, "cheese"),
        ({"type": "move", "state": {"z0": 0}}, "z0"),
        ({"type": "move", "state": {"height": "high"}}, "height"),
        ({"type": "move", "state": {"network": [{"element": "tube", "value": 1}]}}, "tube"),
        ({"type": "measurement", "name": "../../x.s1p", "text": "no"}, "x.s1p"),
        ({"type": "job", "job": "dig"}, "dig"),
        ({"type": "job", "job": [1]}, "job"),
        ({"type": "poll", "number": 99}, "99"),
    ],
)
def test_whatever_is_wrong_is_one_line(session: Session, message: object, told: str) -> None:
    answer = session.ask(message)
    assert told in answer["error"]
    assert "\n" not in answer["error"]


def test_saved_design_is_what_solve_reads(session: Session, tmp_path: Path) -> None:
    state = {
        "values": {"length": 8.5}, "soil": SOIL, "eps_r": 2.9, "height": 0.03, "z0": 90.0,
        "network": [{"element": "shunt C", "value": 5e-11}],
    }  # fmt: skip
    path = tmp_path / "steered.toml"
    path.write_text(ask(session, "toml", state=state)["toml"], encoding="utf-8")
    design = design_of(path)
    assert design is not None
    assert (design.z0, design.height) == (90.0, 0.03)
    assert design.stack is not None
    assert design.stack.layers[0].eps_r == 2.9
    assert design.network[0].kind == "shunt C"
    assert la.load_geometry(path).parameters["length"] == 8.5


def test_emulated_moves_are_those_that_are_solved(tmp_path: Path) -> None:
    """Budget: the emulator's held-out error, twice."""
    bench = Bench.open("strip", la.Stack.half_space(3.0, loss_tangent=0.01), 0.02)
    from lunar_antenna.circuit.waves import reflection
    from lunar_antenna.common.files import write_json
    from lunar_antenna.emulation.box import Box

    state = State.read(bench.document()["state"])
    box = Box.of(bench.problem(state, 7), bench.reach(state))
    write_json(tmp_path / "box.json", box.to_dict())
    assert main(str(tmp_path / "box.json"), str(tmp_path / "e.h5")) == 0
    made = la.Emulator.load(tmp_path / "e.h5")
    direct = la.solve(bench.problem(state, 7), accuracy="draft")
    z = made.z(height=0.02, eps_r=3.0, loss_tangent=0.01)[:, 0, 0]
    apart = np.abs(reflection(z, 100.0) - reflection(direct.z[:, 0, 0], 100.0))
    # the emulator's mesh is that of the densest soil, the draft one's error some per cent
    assert apart.max() < made.held_out_error + 0.05


def test_an_emulator_gives_way_to_what_moves() -> None:
    """One that is being made ends with the antenna that it is of; soil and height keep it."""
    own = Session(Bench.open("strip", SOIL))
    state = {"values": {}, "soil": SOIL, "height": 0.0}
    own._emulate(State.read(state))
    assert own._emulating is not None
    process = own._emulating[1]._process
    assert "error" not in ask(own, "move", state={**state, "height": 0.1, "eps_r": 3.0})
    assert process.poll() is None
    assert "error" not in ask(own, "move", state={**state, "values": {"length": 9.5}})
    assert process.poll() is not None
    assert own._emulating is None
    own.close()


def test_sizes_that_a_slider_leads_to_are_solved_ahead() -> None:
    """From end to end of the one number that the size follows, until something moves."""
    own = Session(Bench.open("strip", SOIL))
    state = State.read({"soil": SOIL})
    low, high = next((p["low"], p["high"]) for p in own.bench.parameters() if p["name"] == "length")
    lengths = [item.bounds[2] * 2 for item in own.bench.sizes(state)]
    assert lengths[0] == pytest.approx(low)
    assert lengths[-1] == pytest.approx(high)
    assert max(b / a for a, b in itertools.pairwise(lengths)) <= 1.16
    own._serial += 1
    own._ahead(state, own._serial - 1)
    assert own._solved_ahead is None
    own._ahead(state, own._serial)
    assert own._solved_ahead == (state.ground, state.height)


def test_a_search_from_here_can_be_stopped(session: Session) -> None:
    import time

    state = {"values": {}, "soil": SOIL, "height": 0.01, "z0": 150.0}
    number = ask(session, "job", job="optimise", state=state)["number"]
    assert "still running" in ask(session, "job", job="optimise", state=state)["error"]
    ask(session, "stop", number=number)
    end = time.monotonic() + 120.0
    while not (told := ask(session, "poll", number=number))["done"]:
        assert time.monotonic() < end
        time.sleep(0.05)
    assert told["failed"] == "stopped"


def test_another_engine_sees_the_same_network() -> None:
    """A strip in free space by NEC; its coil is that of the window.

    Budget: two models of a wide strip, 10 per cent of the reflection in 100 ohm.
    """
    pytest.importorskip("PyNEC", reason="solver nec is not installed")
    from lunar_antenna.circuit.waves import reflection
    from lunar_antenna.live.jobs import CHECKED, other_engine

    bench = Bench.open("strip")
    network = [{"element": "series L", "value": 1e-6}]
    state = State.read({**bench.document()["state"], "network": network})
    found = other_engine(bench, state, lambda _fraction, _message: None)
    assert found["name"] == "by nec"
    window = Session(bench).ask({"type": "move", "state": {"network": network}, "mark": 15e6})
    at = [window["frequency"].index(f) for f in found["frequency"]]
    assert len(at) == CHECKED
    one = np.array(found["z"][0]) + 1j * np.array(found["z"][1])
    other = (np.array(window["z"][0]) + 1j * np.array(window["z"][1]))[at]
    assert np.abs(reflection(one, 100.0) - reflection(other, 100.0)).max() < 0.1


def test_free_shapes_and_free_space_are_steered_too() -> None:
    bench = Bench.open("strip")
    answer = Session(bench).ask({"type": "move", "state": bench.document()["state"], "mark": 15e6})
    assert answer["source"] == "draft mesh"
    assert max(answer["cut"]["angle"]) == 180.0
    assert bench.document()["ground"] is None


@pytest.mark.parametrize(
    ("metal", "key"), [("copper_18um", "copper"), ("aluminium_1um", "aluminium")]
)
def test_the_layout_has_the_colour_of_its_metal(metal: str, key: str) -> None:
    assert outline(la.load_geometry("bowtie", metal=metal))["colour"] == METALS[key][0]


def test_an_answer_leaves_in_one_piece(session: Session) -> None:
    """Head and body apart cost 40 ms an answer, which is what a move takes to be solved."""
    sent: list[bytes] = []

    class Counting(socket.socket):
        def send(self, data: Any, flags: int = 0) -> int:
            sent.append(bytes(data))
            return super().send(data, flags)

        def sendall(self, data: Any, flags: int = 0) -> None:
            sent.append(bytes(data))
            super().sendall(data, flags)

        def setsockopt(self, *given: Any) -> None:
            assert given == (socket.IPPROTO_TCP, socket.TCP_NODELAY, True)

    server = Server(session)
    ours, theirs = socket.socketpair()
    body = b'{"type": "start"}'
    head = f"POST /ask HTTP/1.1\r\nHost: localhost\r\nX-Token: {server.token}\r\n"
    theirs.sendall(
        f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body
    )
    with Counting(fileno=ours.detach()) as connection:
        Handler(connection, ("127.0.0.1", 1), server)
    theirs.close()
    server.server_close()
    assert len(sent) == 1
    assert sent[0].startswith(b"HTTP/1.1 200")
    assert sent[0].endswith(b"}")
