"""What the templates of the reference show of a call and of an object."""

from typing import NamedTuple

from tutorarc.site.reference.fields import Field


class FieldTable(NamedTuple):
    title: str
    fields: list[Field]
    about: str = ""


class Answer(NamedTuple):
    """A successful response. `link` leads to the fields of the returned object."""

    status: int
    phrase: str
    name: str
    link: str
    fields: list[Field]
    headers: dict[str, str]


class Refusal(NamedTuple):
    """A reason of this call, beside those of every call."""

    status: int
    reason: str
    message: str


class Sample(NamedTuple):
    id: str
    language: str
    label: str
    code: str


class Example(NamedTuple):
    title: str
    code: str


class Samples(NamedTuple):
    """The samples of one kind of body, in each language."""

    title: str
    samples: list[Sample]


class Call(NamedTuple):
    name: str
    method: str
    path: str
    title: str
    about: str
    who: str
    scope: str
    is_deprecated: bool
    tables: list[FieldTable]
    answers: list[Answer]
    refusals: list[Refusal]
    samples: list[Samples]
    examples: list[Example]

    @property
    def parts(self) -> list[str]:
        """Of the path, which may be broken between them."""
        return self.path.strip("/").split("/")


class Object(NamedTuple):
    """What the calls of a page are about."""

    name: str
    about: str
    fields: list[Field]
    example: str


class Received(NamedTuple):
    """A request that the reader's server receives. `link` leads to the fields of its body."""

    name: str
    title: str
    about: str
    headers: FieldTable
    body: str
    link: str
    answers: list[tuple[str, str]]
    example: str
