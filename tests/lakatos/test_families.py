"""Families satisfy what they promise, in floats and exactly; sources hit the corners and repeat themselves."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch

from exactarray import Exact, to_exact
from lakatos import ClaimError, fix, instances, when
from lakatos.domains import Interval, Positive, Real, Sign
from lakatos.families import Draw, Given
from lakatos.hunting.certify import to_fractions
from lakatos.hunting.sources import RandomSource
from tests.lakatos.made import family

DOMAINS = [Real(), Real(10.0), Positive(), Positive(2.0, zero=True), Interval(0, 1), Interval(-2, 5, "left"),
           Interval(0.1, 0.2, "right"), Interval(Fraction(1, 3), Fraction(5, 6)),
           Interval(1e6, 1e6 + 1, "neither"), Sign()]  # fmt: skip


def source(batch: int = 256, seed: int = 0, **pinned: Any) -> RandomSource:
    return RandomSource(batch, torch.Generator().manual_seed(seed), random.Random(seed), pinned)


@pytest.mark.parametrize("domain", DOMAINS, ids=str)
def test_every_value_lies_in_its_domain_also_as_a_fraction(domain: Any) -> None:
    made = family(lambda draw: {"x": draw._primitive("x", (3,), domain)})
    _, sample = made.build(source())
    for row in range(256):
        assert all(domain.contains(v) for v in to_fractions(sample, row)["x"].flat)
    assert all(domain.contains(v) for v in domain.palette)


@pytest.mark.parametrize("domain", DOMAINS, ids=str)
def test_latents_lead_there_and_back(domain: Any) -> None:
    values = domain.random((200, 2), torch.Generator().manual_seed(1))
    again = domain.from_latent(domain.to_latent(values))
    assert torch.allclose(again, values, rtol=1e-9, atol=1e-12)
    far = domain.from_latent(
        torch.tensor([[-50.0, 50.0], [0.0, 3.0]], dtype=torch.float64) if not isinstance(domain, Sign) else values[:2]
    )
    assert all(domain.contains(Fraction(repr(float(v)))) for v in far.flatten()) or isinstance(domain, Interval)


def test_ends_are_what_the_author_wrote() -> None:
    assert Interval(0.1, 5 / 6).ends == (Fraction(1, 10), Fraction(5, 6))
    assert not Interval(0, 1, "left").contains(Fraction(1))
    assert Interval(0, 1, "right").contains(Fraction(1))
    with pytest.raises(ValueError, match="lower end"):
        Interval(1, 1)
    with pytest.raises(ValueError, match="closed"):
        Interval(0, 1, "open")


@pytest.mark.parametrize("high", [5 / 6, 0.1, 2 / 3, Fraction(5, 6), 1 / 7])
def test_a_float_at_an_end_becomes_the_end(high: Any) -> None:
    made = family(lambda draw: {"x": draw.interval("x", 0, high)})
    _, sample = made.build(Given({}, {"x": torch.tensor([float(high)], dtype=torch.float64)}, torch.zeros(1), 1))
    assert to_fractions(sample)["x"].item() == Interval(0, high).ends[1]


def composites(draw: Draw) -> dict[str, Any]:
    d = draw.integer("d", 1, 4)
    return {"Q": draw.orthogonal("Q", d), "u": draw.unit("u", d), "S": draw.psd("S", d, 1, 3), "P": draw.psd("P", d),
            "p": draw.simplex("p", d), "n": draw.nonnegative("n", d)}  # fmt: skip


@pytest.mark.parametrize("d", [1, 2, 3, 4])
def test_composites_have_their_property(d: int) -> None:
    made = family(composites)
    values, sample = made.build(source(d=d))
    eye = torch.eye(d, dtype=torch.float64)
    assert torch.allclose(values["Q"] @ values["Q"].mT, eye.expand(256, d, d), atol=1e-11)
    assert torch.allclose((values["u"] ** 2).sum(-1), torch.ones(256, dtype=torch.float64), atol=1e-12)
    assert torch.allclose(values["p"].sum(-1), torch.ones(256, dtype=torch.float64), atol=1e-12)
    assert bool((values["p"] > 0).all())
    spectrum = torch.linalg.eigvalsh(values["S"])
    assert float(spectrum.min()) > 1 - 1e-9
    assert float(spectrum.max()) < 3 + 1e-9
    assert float((torch.linalg.eigvalsh(values["P"]) / values["P"].abs().amax((-1, -2)).clamp(min=1)[:, None]).min()) > -1e-12
    # both determinants occur, and the identity
    determinants = torch.linalg.det(values["Q"]).round()
    assert {-1.0, 1.0} == set(determinants.tolist())

    primitives = {n: to_exact(v)[None] for n, v in to_fractions(sample, 5).items()}
    exact, _ = made.build(Given(sample.structure, primitives, next(iter(primitives.values())), 1))
    gram = exact["Q"] @ np.swapaxes(exact["Q"], -1, -2)
    assert all(gram[0, i, j].fraction() == (i == j) for i in range(d) for j in range(d))
    assert sum(Exact(v).fraction() ** 2 for v in exact["u"][0]) == 1
    assert sum(v.fraction() for v in exact["p"][0]) == 1
    assert all(exact["S"][0, i, j].fraction() == exact["S"][0, j, i].fraction() for i in range(d) for j in range(d))


def test_the_same_seed_draws_the_same() -> None:
    made = family(composites)
    (a, sa), (_, sb), (c, _) = (made.build(source(seed=s)) for s in (3, 3, 4))
    assert sa.structure == sb.structure
    assert all(torch.equal(sa.primitives[n], sb.primitives[n]) for n in sa.primitives)
    assert any(a[n].shape != c[n].shape or not torch.equal(a[n], c[n]) for n in sa.primitives)


def test_corners_are_hit() -> None:
    made = family(lambda draw: {"x": draw.real("x", 3, 2), "n": draw.nonnegative("n", 3), "i": draw.interval("i", 0, 1, 3)})
    values, _ = made.build(source(1024))
    flat = values["x"].reshape(1024, -1)
    assert bool((flat == 0).all(-1).any()), "all zero"
    assert bool(((flat == flat[:, :1]).all(-1) & (flat[:, 0] != 0)).any()), "equal entries"
    assert bool(((values["x"] == values["x"][:, :1]).all((-1, -2)) & (flat[:, 0] != flat[:, 1])).any()), "repeated rows"
    assert bool(((flat == 0).any(-1) & (flat != 0).any(-1)).any()), "some zeros"
    for name, end in (("n", 0), ("i", 0), ("i", 1)):
        assert bool((values[name] == end).all(-1).any()), (name, end)
    assert bool(((values["i"] == 0).any(-1) & (values["i"] == 1).any(-1)).any()), "both ends at once"


def test_pinned_draws_and_strata() -> None:
    made = instances(strata={"zero": fix(x=0), "wide": when(lambda d: d > 2), "pair": fix(d=2, p=[1, 0])})(
        lambda draw: {"d": (d := draw.integer("d", 1, 4)), "x": draw.real("x"), "p": draw.real("p", d)}
    )
    values, sample = made.build(source(16, x=0, d=3))
    assert bool((values["x"] == 0).all())
    assert bool(made.strata["zero"].hits(values, sample).all())
    assert made.strata["wide"].hits(values, sample) is True
    assert made.strata["pair"].hits(values, sample) is False
    values, sample = made.build(source(16, d=2, p=[1, 0]))
    assert bool(made.strata["pair"].hits(values, sample).all())
    with pytest.raises(ClaimError, match="pins 'q', which the family does not draw"):
        fix(q=1).hits(values, sample)
    with pytest.raises(ClaimError, match=r"asks for \['nothing'\]"):
        when(lambda nothing: nothing).hits(values, sample)


BAD_FAMILIES = {
    "returned list": (lambda draw: [draw.real("x")], "must return a dict"),
    "draws nothing": (lambda draw: {"x": 1}, "draws nothing"),
    "nothing to choose": (lambda draw: {"x": draw.option("x", [])}, "nothing to choose from"),
    "empty range": (lambda draw: {"x": draw.integer("x", 3, 2)}, "nothing to choose from"),
    "twice": (lambda draw: {"x": draw.real("x") + draw.real("x")}, "draws 'x' twice"),
    "twice, composite": (lambda draw: {"x": draw.psd("x", 2), "y": draw.real("x_spectrum")}, "draws 'x_spectrum' twice"),
}


@pytest.mark.parametrize("name", BAD_FAMILIES)
def test_a_wrongly_written_family_is_told(name: str) -> None:
    function, words = BAD_FAMILIES[name]
    with pytest.raises(ClaimError, match=words):
        family(function).build(source(4))


def test_an_assumption_over_an_unknown_name_is_told() -> None:
    import sympy

    made = family(lambda draw: {"x": draw.real("x")}, assume=[sympy.Symbol("alpha") <= 1])
    values, _ = made.build(source(4))
    with pytest.raises(ClaimError, match=r"alpha.*does not return"):
        made.valid(values, exact=False)
