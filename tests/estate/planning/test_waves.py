"""Every mirror is deployed once, the original never among them."""

from hypothesis import given
from hypothesis import strategies as st

from divio_provider.estate.declaration.errors import SpecError
from divio_provider.estate.planning.waves import Wave, waves
from tests.estate.declarations import spec

SLUGS = st.lists(st.from_regex(r"site-[a-z]{1,4}", fullmatch=True), min_size=1, max_size=8, unique=True)


def test_without_waves_all_mirrors_go_together():
    assert waves(spec()) == (Wave("rest", ("acme-blog", "acme-shop"), None),)


def test_without_mirrors_there_is_no_wave():
    assert waves(spec(mirrors={})) == ()
    assert waves(spec(mirrors={}, rollout={"waves": [{"name": "rest", "sites": "rest"}]})) == ()


def test_waves_keep_their_order_and_sites_that_of_the_file():
    listed = [{"name": "late", "sites": "rest", "max_parallel": 3}, {"name": "b", "sites": ["acme-shop", "acme-blog"]}]
    estate = spec(
        mirrors={slug: {"name": "x"} for slug in ("acme-blog", "acme-news", "acme-shop")}, rollout={"waves": listed}
    )
    assert waves(estate) == (Wave("late", ("acme-news",), 3), Wave("b", ("acme-blog", "acme-shop"), None))


def test_a_wave_that_nobody_is_in_is_left_out():
    listed = [
        {"name": "a", "sites": []},
        {"name": "b", "sites": ["acme-shop", "acme-blog"]},
        {"name": "c", "sites": "rest"},
    ]
    assert [wave.name for wave in waves(spec(rollout={"waves": listed}))] == ["b"]


@given(SLUGS, st.data())
def test_every_mirror_is_in_exactly_one_wave_or_the_declaration_is_refused(slugs, data):
    listed = data.draw(st.lists(st.lists(st.sampled_from(slugs), max_size=4), max_size=4))
    declared = [{"name": f"w{number}", "sites": sites} for number, sites in enumerate(listed)]
    if data.draw(st.booleans()):
        declared.insert(data.draw(st.integers(0, len(declared))), {"name": "others", "sites": "rest"})
    mirrors = {slug: {"name": "x"} for slug in slugs}
    try:
        planned = waves(spec(mirrors=mirrors, rollout={"waves": declared}))
    except SpecError:
        assigned = [slug for sites in listed for slug in sites]
        rest = any(wave["sites"] == "rest" for wave in declared)
        assert len(set(assigned)) < len(assigned) or (not rest and set(assigned) < set(slugs))
    else:
        assert sorted(slug for wave in planned for slug in wave.sites) == sorted(slugs)


@given(SLUGS, st.data())
def test_groups_put_every_mirror_in_exactly_one_wave_or_the_declaration_is_refused(slugs, data):
    groups = st.lists(st.sampled_from(["g1", "g2", "g3"]), max_size=2, unique=True)
    member_of = {slug: data.draw(groups) for slug in slugs}
    listed = data.draw(
        st.lists(st.lists(st.sampled_from([*slugs, "g1", "g2", "g3"]), max_size=3, unique=True), max_size=3)
    )
    declared = [{"name": f"w{number}", "sites": sites} for number, sites in enumerate(listed)]
    declared.append({"name": "others", "sites": "rest"})
    mirrors = {slug: {"name": "x", "groups": member_of[slug]} for slug in slugs}
    reached = [{slug for slug in slugs if {slug, *member_of[slug]} & set(names)} for names in listed]
    known = {*slugs, *(group for found in member_of.values() for group in found)}
    fine = sum(map(len, reached)) == len(set().union(*reached)) and all(set(names) <= known for names in listed)
    try:
        planned = waves(spec(mirrors=mirrors, rollout={"waves": declared}))
    except SpecError:
        assert not fine
    else:
        assert fine
        assert sorted(slug for wave in planned for slug in wave.sites) == sorted(slugs)
        assert [set(wave.sites) for wave in planned if wave.name != "others"] == [found for found in reached if found]


def test_a_site_named_by_itself_and_by_its_group_is_in_its_wave_once():
    mirrors = {"acme-blog": {"name": "x", "groups": ["retail"]}, "acme-shop": {"name": "x"}}
    for sites in (["retail", "acme-blog"], ["acme-blog", "retail"]):
        declared = [{"name": "a", "sites": sites}, {"name": "b", "sites": "acme-shop"}]
        planned = waves(spec(mirrors=mirrors, rollout={"waves": declared}))
        assert [wave.sites for wave in planned] == [("acme-blog",), ("acme-shop",)]


def test_a_wave_may_name_a_group():
    grouped = {"acme-blog": {"name": "x"}, "acme-shop": {"name": "x", "groups": ["retail"]}}
    listed = [{"name": "late", "sites": "rest"}, {"name": "shops", "sites": "retail"}]
    planned = waves(spec(mirrors=grouped, rollout={"waves": listed}))
    assert [wave.sites for wave in planned] == [("acme-blog",), ("acme-shop",)]
