"""The schema as callers see it."""

from __future__ import annotations

from pathlib import Path

from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLInterfaceType, GraphQLObjectType

from twin.api.graphql.schema import schema, sdl

ROOT = Path(__file__).parents[3]


def test_the_committed_schema_is_the_one_that_the_code_prints() -> None:
    assert (ROOT / "schema.graphql").read_text(encoding="utf-8") == sdl(), "run make schema"


def test_everything_has_a_description() -> None:
    bare = []
    for name, kind in schema._schema.type_map.items():
        if name.startswith("__"):
            continue
        if not kind.description:
            bare.append(name)
        if isinstance(kind, GraphQLEnumType):
            bare += [f"{name}.{value}" for value, details in kind.values.items() if not details.description]
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            bare += [f"{name}.{field}" for field, details in kind.fields.items() if not details.description]
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            bare += [
                f"{name}.{field}({argument})"
                for field, details in kind.fields.items()
                for argument, given in details.args.items()
                if not given.description
            ]
    assert bare == []
