//! Decides whether a jq program always has exactly one output.

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Pattern, Term};
use jaq_core::path::{Part, Path};

/// Filters that have one output if each of their arguments has one output.
const SINGLE: [&str; 56] = [
    "add",
    "all",
    "any",
    "ascii_downcase",
    "ascii_upcase",
    "ceil",
    "contains",
    "del",
    "delpaths",
    "endswith",
    "explode",
    "false",
    "flatten",
    "floor",
    "from_entries",
    "fromjson",
    "getpath",
    "group_by",
    "has",
    "implode",
    "inside",
    "isempty",
    "join",
    "keys",
    "keys_unsorted",
    "length",
    "ltrimstr",
    "map",
    "map_values",
    "max",
    "max_by",
    "min",
    "min_by",
    "not",
    "null",
    "pick",
    "reverse",
    "round",
    "rtrimstr",
    "setpath",
    "sort",
    "sort_by",
    "split",
    "startswith",
    "to_entries",
    "tojson",
    "tonumber",
    "tostring",
    "trim",
    "true",
    "type",
    "unique",
    "unique_by",
    "utf8bytelength",
    "walk",
    "with_entries",
];

/// Filters that have one output even if their arguments have several outputs.
const GATHERING: [&str; 14] = [
    "add",
    "all",
    "any",
    "del",
    "group_by",
    "isempty",
    "map",
    "max_by",
    "min_by",
    "pick",
    "sort_by",
    "unique_by",
    "walk",
    "with_entries",
];

/// Whether a program that does not fail has exactly one output for every input.
pub(super) fn is_single(term: &Term<&str>) -> bool {
    match term {
        Term::Id | Term::Num(_) | Term::Arr(_) | Term::Var(_) => true,
        Term::Str(_, parts) => parts.iter().all(|part| match part {
            StrPart::Term(term) => is_single(term),
            _ => true,
        }),
        Term::Obj(members) => {
            members.iter().all(|(key, value)| is_single(key) && value.as_ref().is_none_or(is_single))
        }
        Term::Neg(inner) => is_single(inner),
        Term::BinOp(left, operator, right) => {
            let fits = match operator {
                BinaryOp::Comma | BinaryOp::Alt => false,
                BinaryOp::Pipe(pattern) => matches!(pattern, None | Some(Pattern::Var(_))),
                // The left side of an update is a path expression, which may have any number of outputs.
                BinaryOp::Update => return true,
                BinaryOp::Assign | BinaryOp::UpdateMath(_) | BinaryOp::UpdateAlt => return is_single(right),
                _ => true,
            };
            fits && is_single(left) && is_single(right)
        }
        Term::Fold(name, _, _, terms) => *name == "reduce" && terms.iter().all(is_single),
        Term::IfThenElse(cases, otherwise) => {
            cases.iter().all(|(test, then)| is_single(test) && is_single(then))
                && otherwise.as_ref().is_none_or(|otherwise| is_single(otherwise))
        }
        Term::Call(name, arguments) => {
            SINGLE.contains(name) && (GATHERING.contains(name) || arguments.iter().all(is_single))
        }
        Term::Path(inner, Path(parts)) => {
            is_single(inner)
                && parts.iter().all(|(part, _)| match part {
                    Part::Index(index) => is_single(index),
                    Part::Range(None, None) => false,
                    Part::Range(from, to) => [from, to].into_iter().flatten().all(is_single),
                })
        }
        // The definition may shadow a filter in the lists above.
        Term::Def(definitions, inner) => {
            definitions.iter().all(|it| !SINGLE.contains(&it.name)) && is_single(inner)
        }
        Term::Recurse | Term::Label(..) | Term::Break(_) | Term::TryCatch(..) => false,
    }
}
