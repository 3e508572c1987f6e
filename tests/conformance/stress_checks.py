"""What must hold of every event of a stress program, judged by `stress_model` and by what the modules say of themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from packaging.specifiers import SpecifierSet
from stress_model import Model, Need, asked, distribution_of, place, requirements
from stress_world import NAMES, place_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from stress_model import Asked
    from stress_world import Made

Event = dict[str, Any]


class Checks:
    """The checks of one process; `complaints` is what was found wrong."""

    def __init__(self, model: Model, directory: Path, inherited: Checks | None = None) -> None:
        self.model = model
        self.directory = directory
        self.files = {place_of(made, directory): made for made in model.world}
        self.needs: list[Need] = []
        """Of the statements that were answered in this process."""
        self.inherited = inherited
        """The checks of the parent process, if this one has its selection: weaker than this one's own statements."""
        self.complaints: list[str] = []
        self.uncertain = False
        self.needed_before_threads = 0
        """Whether something happened after which an error may have causes that the model doesn't know."""

    def run(self, events: list[Event]) -> list[str]:
        """Check all events; return the complaints."""
        for event in events:
            step = event["step"]
            self.check_state(event)
            if step["do"] == "threads":
                self.check_threads(event)
            elif step["do"] == "child":
                self.check_child(event)
            else:
                self.check_step(step, event["result"], event["before"], event["after"])
            if self.complaints:
                break
        return self.complaints

    def complain(self, text: str, **more: Any) -> None:
        self.complaints.append("\n".join((text, *(f"  {name}: {value}" for name, value in more.items()))))

    # One step

    def check_step(self, step: Event, result: Event, before: Event, after: Event) -> None:
        """Check the answer of one step in a process in which nothing else runs."""
        if step["do"] in ("statement", "plain"):
            wanted = asked(step["name"], step.get("clause", ""))
            if result["ok"]:
                self.check_answer(step, wanted, result, before, after)
            else:
                self.check_refusal(step, wanted, result, before, after)
        elif step["do"] == "require":
            self.check_require(step, result, before, after)
        elif step["do"] in ("lazy", "reload") and not result["ok"]:
            self.check_library(step, result)

    def check_answer(self, step: Event, wanted: Asked, result: Event, before: Event, after: Event) -> None:
        """Whatever is returned satisfies its clause, is what is loaded, and what the metadata says."""
        name, version = step["name"], result["version"]
        loaded = after["loaded"].get(name)
        if loaded is None or loaded["version"] != version:
            self.complain(f"{name} {version} was returned, but loaded is", loaded=loaded)
            return
        if not SpecifierSet(wanted.specifier).contains(version, prereleases=True):
            self.complain(f"{step} got {version}")
        if wanted.distribution not in (None, loaded["distribution"]):
            self.complain(f"{step} got {loaded['distribution']}")
        earlier = before["loaded"].get(name)
        if earlier is not None:
            if step["do"] == "statement":
                self.note(name, loaded["file"], step["clause"])
            return
        made = self.files.get(loaded["file"])
        if step["do"] == "statement":
            if made is None or not made.usable:
                self.complain(f"{step} got what nothing may get", file=loaded["file"], made=made)
                return
            first = self.first_choice(wanted)
            is_first = first is None or (made.site, made.name, made.version) == (first.site, first.name, first.version)
            if not is_first and not before["loaded"] and not self.needs and self.is_fresh:
                self.complain(f"{step} got {made}", expected=first)
            self.note(name, loaded["file"], step["clause"])
        elif made is not None and (not made.flat or not self.is_plainly_found(name, loaded["file"])):
            self.note(name, loaded["file"], "")
        self.check_metadata(step, loaded, before)

    @property
    def is_fresh(self) -> bool:
        return self.inherited is None and not self.uncertain

    def check_metadata(self, step: Event, loaded: Event, before: Event) -> None:
        """What the metadata said before is what a plain import got."""
        name = loaded["distribution"]
        said = before["metadata"][name]
        if step["do"] == "plain" and said not in (None, loaded["version"]) and not self.is_broken(name):
            self.complain(f"metadata said {name} {said}, and a plain import got {loaded['version']}")

    def check_refusal(self, step: Event, wanted: Asked, result: Event, before: Event, after: Event) -> None:
        """An error is right only where there is no answer, or where the module itself raises."""
        name = step["name"]
        if name in after["loaded"] and name not in before["loaded"]:
            self.complain(f"{step} failed, and {name} is loaded", result=result["text"])
        if "raises" in result["text"] and result["error"] == "RuntimeError":
            if not any(made.raises and made.usable for made in self.model.world):
                self.complain(f"{step} failed by itself", result=result["text"])
            return
        if self.uncertain:
            return
        if name in before["loaded"]:
            self.check_conflict(step, wanted, result, before["loaded"][name])
        elif step["do"] == "plain" and self.model.plain_python(name):
            self.check_library(step, result)
        else:
            self.check_unanswered(step, wanted, result, before)

    def check_conflict(self, step: Event, wanted: Asked, result: Event, loaded: Event) -> None:
        """A loaded module that fits is the answer; one that doesn't is a conflict."""
        made = self.files.get(loaded["file"])
        fits = SpecifierSet(wanted.specifier).contains(loaded["version"], prereleases=True)
        fits = fits and wanted.distribution in (None, loaded["distribution"])
        if fits and made is not None and made.fault == "healthy":
            self.complain(f"{step}: {step['name']} {loaded['version']} is loaded", trace=result["trace"])
        if step["do"] == "statement" and result["error"] != "VersionConflictError":
            self.complain(f"{step}: not a conflict", trace=result["trace"])

    def check_unanswered(self, step: Event, wanted: Asked, result: Event, before: Event) -> None:
        """An import of what isn't loaded fails only where no choice answers it; the kind of error tells why."""
        answers = self.model.answers(wanted)
        if answers and self.could_be_had(wanted, before):
            self.complain(f"{step} has an answer", trace=result["trace"], answers=answers, needs=self.needs)
        expected = "VersionConflictError" if answers else "VersionNotFoundError"
        if step["do"] == "statement" and result["error"] != expected:
            self.complain(f"{step}: the error should be {expected}", trace=result["trace"], answers=answers)

    def check_library(self, step: Event, result: Event) -> None:
        """A flat install that Python itself loads has what it imports, or an error that a plain import may give."""
        if "ImportError" not in result["kinds"] and "RuntimeError" not in result["kinds"]:
            self.complain(f"{step}: an error that no import gives", trace=result["trace"])

    def check_require(self, step: Event, result: Event, before: Event, after: Event) -> None:
        """What `require` chose satisfies what it was asked; it fails only where there is no choice."""
        wanted = [requirement_need(text) for text in step["requirements"]]
        if result["ok"]:
            versions = dict(result["got"])
            for need in wanted:
                if not SpecifierSet(need.specifier).contains(versions[need.name], prereleases=True):
                    self.complain(f"{step} got {versions}")
                if after["metadata"][need.name] != versions[need.name]:
                    self.complain(f"{step} got {versions}", metadata=after["metadata"])
            self.needs += wanted
            return
        if not self.uncertain and self.has_solution(wanted, before):
            self.complain(f"{step} has an answer", trace=result["trace"])

    # What is loaded and selected

    def check_state(self, event: Event) -> None:
        """One version a name; each statement's answer stands; what versioned directories require is met."""
        before, after = event["before"], event["after"]
        for name, loaded in after["loaded"].items():
            earlier = before["loaded"].get(name)
            if earlier is not None and (earlier["file"], earlier["version"]) != (loaded["file"], loaded["version"]):
                self.complain(f"{name} was {earlier} and is {loaded}", step=event["step"])
            made = self.files.get(loaded["file"])
            if made is None or made.version != loaded["version"]:
                self.complain(f"{name} comes from nowhere: {loaded}", step=event["step"])
                continue
            if loaded["sub"] not in (None, made.version):
                self.complain(f"{name}.sub is of another version", loaded=loaded)
            if not self.is_broken(made.name) and after["metadata"][made.name] != made.version:
                said = after["metadata"][made.name]
                self.complain(f"{name} {made.version} is loaded, and its metadata says {said}", step=event["step"])
            if not made.flat:
                self.check_closure(made, loaded, event)
        self.check_earlier(event)

    def check_earlier(self, event: Event) -> None:
        """What was loaded still is, and each statement's answer is what the metadata says."""
        before, after = event["before"], event["after"]
        for name, loaded in before["loaded"].items():
            if name not in after["loaded"]:
                self.complain(f"{name} is no longer loaded", step=event["step"], loaded=loaded)
        for need in self.needs:
            said = after["metadata"][need.name]
            if not self.is_broken(need.name) and (
                said is None or not SpecifierSet(need.specifier).contains(said, prereleases=True)
            ):
                self.complain(f"a statement needs {need}, and metadata says {said}", step=event["step"])

    def check_closure(self, made: Made, loaded: Event, event: Event) -> None:
        """A loaded versioned directory may be loaded, and what it requires is there in a version that it allows."""
        if not made.usable:
            self.complain(f"{made} is loaded", step=event["step"])
        after = event["after"]
        for need in requirements(made):
            there = after["loaded"].get(NAMES[need.name], {}).get("version") or after["metadata"][need.name]
            if there is None or not SpecifierSet(need.specifier).contains(there, prereleases=True):
                self.complain(f"{made.name} {made.version} requires {need}, and there is {there}", step=event["step"])
        for name, version in loaded["saw"].items():
            other = after["loaded"].get(NAMES[name])
            if other is not None and other["version"] != version and not self.may_have_failed(name, version):
                self.complain(f"{made.name} saw {name} {version}, and loaded is {other}", step=event["step"])

    def may_have_failed(self, distribution: str, version: str) -> bool:
        """Whether a version's import ends in an exception: in a circle, others have seen its module nevertheless."""
        return any((made.name, made.version) == (distribution, version) and made.raises for made in self.model.world)

    def is_plainly_found(self, name: str, file: str) -> bool:
        plain = self.model.plain_python(name)
        return plain is not None and place_of(plain, self.directory) == file

    def is_broken(self, distribution: str) -> bool:
        """Whether a flat install of a distribution is broken: Python's own metadata lookup may then name another."""
        return any(made.name == distribution and made.flat and made.fault != "healthy" for made in self.model.world)

    def note(self, module: str, file: str, clause: str) -> None:
        """Remember that a statement relies on what it got."""
        wanted = asked(module, clause)
        name = wanted.distribution or distribution_of(module)
        among = frozenset(
            place(made) for made in self.model.known if made.name == name and made.fault != "module missing"
        )
        self.needs.append(Need(name, wanted.specifier, wanted.extras, among))

    def first_choice(self, wanted: Asked) -> Made | None:
        """Return what a fresh process gets: the best answer that has a closure."""
        for made in self.model.answers(wanted):
            need = Need(made.name, f"=={made.version}", wanted.extras, frozenset({place(made)}))
            if self.model.solution([need], {}) is not None:
                return made
        return None

    def standing(self, before: Event) -> list[Need]:
        """Return what every later closure has to meet: earlier statements, and what loaded versioned directories need."""
        loaded = [self.files[one["file"]] for one in before["loaded"].values() if one["file"] in self.files]
        exact = [
            Need(made.name, f"=={made.version}", frozenset(), frozenset({place(made)}))
            for made in loaded
            if not made.flat
        ]
        return [*self.needs, *exact]

    def fixed(self, before: Event) -> dict[str, Made | None]:
        """Return the distributions that are loaded, each with the one candidate that counts, None if it is unknown."""
        found: dict[str, Made | None] = {}
        for name, loaded in before["loaded"].items():
            made = self.files.get(loaded["file"])
            found[distribution_of(name)] = made if made is not None and made.fault != "no metadata" else None
        return found

    def could_be_had(self, wanted: Asked, before: Event) -> bool:
        """Tell whether some choice meets a statement and everything that stands."""
        answers = self.model.answers(wanted)
        among = frozenset(place(made) for made in answers)
        need = Need(distribution_of(wanted.module), wanted.specifier, wanted.extras, among)
        return self.has_solution([need], before)

    def has_solution(self, further: Sequence[Need], before: Event) -> bool:
        """Tell whether needs can be met together with what stands.

        What was inherited counts if everything can be met; if not, it ends, unless something of it may be loaded.
        """
        needs, fixed = [*self.standing(before), *further], self.fixed(before)
        found = self.model.solution(needs, fixed) is not None
        if not found or self.inherited is None:
            return found
        return not before["loaded"] or self.model.solution([*needs, *self.inherited.needs], fixed) is not None

    # Threads and children

    def check_threads(self, event: Event) -> None:
        """Each thread gets what fits its clause and is loaded, or an error that what is loaded in the end explains."""
        after = event["after"]
        if event["result"].get("stuck"):
            self.complain("threads are stuck", step=event["step"])
            return
        if not event["result"]["ok"]:
            self.complain("threads failed", trace=event["result"]["trace"])
            return
        answered = list(each(event["result"]["threads"]))
        self.needed_before_threads = len(self.needs)
        if any(one["result"].get("error") == "RuntimeError" for one in answered) or any(
            one["step"]["do"] == "plain" and not one["result"]["ok"] for one in answered
        ):
            self.uncertain = True  # what raises, or lacks what it imports itself, was loaded for a while
        failed = {one["step"]["name"] for one in answered if not one["result"]["ok"]}
        for one in answered:
            step, result = one["step"], one["result"]
            wanted = asked(step["name"], step.get("clause", ""))
            # Python itself hands a module to a plain import that waited for it, though its import failed in the other thread.
            is_handed_over = step["do"] == "plain" and step["name"] in failed
            if result["ok"] and not is_handed_over:
                self.check_answer(step, wanted, result, after, after)
        for one in answered:
            if not one["result"]["ok"]:
                self.check_thread_refusal(one["step"], one["result"], after)
        self.check_state({"step": event["step"], "before": after, "after": after})

    def check_thread_refusal(self, step: Event, result: Event, after: Event) -> None:
        if result["error"] == "RuntimeError" and "raises" in result["text"]:
            return
        if "ImportError" not in result["kinds"]:
            self.complain(f"{step} in a thread: an error that no import gives", trace=result["trace"])
        wanted = asked(step["name"], step.get("clause", ""))
        if self.uncertain or (step["do"] == "plain" and self.model.plain_python(step["name"])):
            return
        # What another thread has loaded since may be what makes it possible: a pre-release that counts for nobody otherwise.
        if self.model.answers(wanted) and self.could_be_had(wanted, after) and self.could_be_had_alone(wanted, after):
            self.complain(f"{step} in a thread has an answer", trace=result["trace"], loaded=after["loaded"])

    def could_be_had_alone(self, wanted: Asked, after: Event) -> bool:
        """Tell whether a thread's statement has an answer that owes nothing to the statements of other threads."""
        alone = Checks(self.model, self.directory)
        alone.inherited, alone.needs = self.inherited, self.needs[: self.needed_before_threads]
        return alone.could_be_had(wanted, {**after, "loaded": {}})

    def check_child(self, event: Event) -> None:
        """A child by fork is what the parent was; every other one starts with nothing loaded."""
        result = event["result"]
        if not result["ok"] or result["events"] is None:
            self.complain("a child failed", step=event["step"], said=result.get("said") or result.get("trace"))
            return
        forked = event["step"]["way"] == "fork"
        checks = Checks(self.model, self.directory)
        checks.uncertain = self.uncertain
        if forked:
            checks.needs = list(self.needs)
        else:
            checks.inherited = self
            self.check_inheritance(event)
        self.complaints += [f"in a child by {event['step']['way']}: {one}" for one in checks.run(result["events"])]

    def check_inheritance(self, event: Event) -> None:
        """A child that starts anew sees the same versions as its parent of whatever the parent's statements got."""
        events = event["result"]["events"]
        if self.uncertain or not events:
            return
        for name in sorted({need.name for need in self.needs}):
            mine, theirs = event["before"]["metadata"][name], events[0]["before"]["metadata"][name]
            if mine != theirs and not self.is_broken(name):
                self.complain(f"the parent has {name} {mine}, its child {theirs}", step=event["step"])


def each(threads: list[list[Event]]) -> Iterator[Event]:
    """Yield the events of all threads."""
    for events in threads:
        yield from events


def requirement_need(text: str) -> Need:
    """Return the need of a requirement given to `require`."""
    from packaging.requirements import Requirement

    requirement = Requirement(text)
    return Need(requirement.name, str(requirement.specifier), frozenset(requirement.extras))
