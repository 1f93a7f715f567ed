//! Adds steps to a jq program. Each step checks the limits of the run.
//!
//! Every loop of a program calls a definition, iterates over a value, or tries alternatives. Definitions and alternatives get a
//! step. Iterating over a value counts the items of the value itself.

use std::collections::BTreeSet;

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Def, Pattern, Term};
use jaq_core::path::{Part, Path};

/// The name of the filter that checks the limits. Programs cannot spell this name.
pub(super) const STEP: &str = "!step";

/// The filters that a term calls, each with its number of arguments.
pub(super) type Called<'s> = BTreeSet<(&'s str, usize)>;

/// Adds steps to a definition, and collects the filters that it calls.
pub(super) fn guard_definition<'s>(definition: Def<&'s str>, called: &mut Called<'s>) -> Def<&'s str> {
    let Def { name, args, body } = definition;
    let mut own = Called::new();
    let body = with_step(guard(body, &mut own));
    // A call of the definition itself or of its own arguments is not a call of another filter.
    own.retain(|call| *call != (name, args.len()) && !(call.1 == 0 && args.contains(&call.0)));
    called.extend(own);
    Def { name, args, body }
}

fn with_step(term: Term<&str>) -> Term<&str> {
    Term::BinOp(Box::new(Term::Call(STEP, Vec::new())), BinaryOp::Pipe(None), Box::new(term))
}

/// Adds steps to a term.
pub(super) fn guard<'s>(term: Term<&'s str>, called: &mut Called<'s>) -> Term<&'s str> {
    let boxed = |term: Box<Term<&'s str>>, called: &mut Called<'s>| Box::new(guard(*term, called));
    match term {
        Term::Id | Term::Recurse | Term::Num(_) | Term::Break(_) | Term::Var(_) => term,
        Term::Str(format, parts) => {
            if let Some(format) = format {
                called.insert((format, 0));
            }
            let parts = parts.into_iter().map(|part| match part {
                StrPart::Term(term) => StrPart::Term(guard(term, called)),
                part => part,
            });
            Term::Str(format, parts.collect())
        }
        Term::Arr(inner) => Term::Arr(inner.map(|inner| boxed(inner, called))),
        Term::Obj(members) => Term::Obj(
            members
                .into_iter()
                .map(|(key, value)| (guard(key, called), value.map(|value| guard(value, called))))
                .collect(),
        ),
        Term::Neg(inner) => Term::Neg(boxed(inner, called)),
        Term::BinOp(left, operator, right) => {
            let is_comma = matches!(operator, BinaryOp::Comma);
            let operator = match operator {
                BinaryOp::Pipe(Some(pattern)) => BinaryOp::Pipe(Some(guard_pattern(pattern, called))),
                operator => operator,
            };
            let term = Term::BinOp(boxed(left, called), operator, boxed(right, called));
            if is_comma { with_step(term) } else { term }
        }
        Term::Label(name, inner) => Term::Label(name, boxed(inner, called)),
        Term::Fold(name, over, pattern, terms) => {
            let over = boxed(over, called);
            let pattern = guard_pattern(pattern, called);
            Term::Fold(
                name,
                over,
                pattern,
                terms.into_iter().map(|term| with_step(guard(term, called))).collect(),
            )
        }
        Term::TryCatch(tried, caught) => {
            let tried = boxed(tried, called);
            Term::TryCatch(tried, caught.map(|caught| boxed(caught, called)))
        }
        Term::IfThenElse(cases, otherwise) => {
            let cases = cases.into_iter().map(|(test, then)| (guard(test, called), guard(then, called)));
            let cases = cases.collect();
            Term::IfThenElse(cases, otherwise.map(|otherwise| boxed(otherwise, called)))
        }
        Term::Def(definitions, inner) => {
            let local: Vec<_> = definitions.iter().map(|it| (it.name, it.args.len())).collect();
            let mut own = Called::new();
            let definitions = definitions.into_iter().map(|it| guard_definition(it, &mut own)).collect();
            let inner = boxed(inner, &mut own);
            own.retain(|call| !local.contains(call));
            called.extend(own);
            Term::Def(definitions, inner)
        }
        Term::Call(name, arguments) => {
            called.insert((name, arguments.len()));
            Term::Call(name, arguments.into_iter().map(|term| guard(term, called)).collect())
        }
        Term::Path(inner, Path(parts)) => {
            let inner = boxed(inner, called);
            let parts = parts.into_iter().map(|(part, optional)| {
                let part = match part {
                    Part::Index(index) => Part::Index(guard(index, called)),
                    Part::Range(from, to) => {
                        let from = from.map(|term| guard(term, called));
                        Part::Range(from, to.map(|term| guard(term, called)))
                    }
                };
                (part, optional)
            });
            Term::Path(inner, Path(parts.collect()))
        }
    }
}

fn guard_pattern<'s>(pattern: Pattern<&'s str>, called: &mut Called<'s>) -> Pattern<&'s str> {
    match pattern {
        Pattern::Var(name) => Pattern::Var(name),
        Pattern::Arr(patterns) => {
            Pattern::Arr(patterns.into_iter().map(|it| guard_pattern(it, called)).collect())
        }
        Pattern::Obj(members) => Pattern::Obj(
            members
                .into_iter()
                .map(|(key, pattern)| (guard(key, called), guard_pattern(pattern, called)))
                .collect(),
        ),
    }
}
