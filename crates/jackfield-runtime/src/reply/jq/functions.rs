//! The filters that programs can call: the filters of jaq that are pure and bounded, and a few filters for JSON.
//!
//! There are no filters that read files, environment variables or the time, create random numbers, match regular expressions, or end
//! the process.

use std::rc::Rc;

use jackfield_recipe::WalkedKind;
use jaq_core::box_iter::box_once;
use jaq_core::load::parse::Def;
use jaq_core::native::{Filter, Fun, bome, run, v};
use jaq_core::{Cv, Error, Exn, Native, RunPtr, ValR, ValXs};

use super::super::tape::Tape;
use super::fuel;
use super::guard::{self, Called};
use super::operators::stopped;
use super::print;
use super::value::{Data, Val};

/// The filters of jaq that end the process.
const ENDING: [&str; 1] = ["halt"];

/// Returns the filters that are implemented in Rust.
pub(super) fn natives() -> Vec<Fun<Data>> {
    let step = Native::new(|cv: Cv<'_, Data>| if fuel::step() { box_once(Ok(cv.1)) } else { stop() });
    let step = step
        .with_paths(|cv| if fuel::step() { box_once(Ok(cv.1)) } else { box_once(Err(Exn::from(stopped()))) })
        .with_update(|cv, update| if fuel::step() { update(cv.1) } else { stop() });
    let mut natives: Vec<Fun<Data>> = vec![(guard::STEP, v(0), step)];
    natives.extend(jaq_core::funs());
    natives.extend(jaq_std::base_funs().filter(|(name, ..)| !ENDING.contains(name)));
    let own: [Filter<RunPtr<Data>>; 7] = [
        ("length", v(0), |cv| bome(length(cv.1))),
        ("tojson", v(0), |cv| bome(to_json(&cv.1))),
        ("fromjson", v(0), |cv| bome(from_json(&cv.1))),
        ("tonumber", v(0), |cv| bome(to_number(cv.1))),
        ("has", v(1), |mut cv| {
            let name = cv.0.pop_var();
            bome(has(cv.1, &name))
        }),
        ("contains", v(1), |mut cv| {
            let part = cv.0.pop_var();
            bome(Ok(Val::Bool(contains(&cv.1, &part))))
        }),
        ("inside", v(1), |mut cv| {
            let whole = cv.0.pop_var();
            bome(Ok(Val::Bool(contains(&whole, &cv.1))))
        }),
    ];
    natives.extend(own.into_iter().map(run::<Data>));
    natives
}

fn stop<'a>() -> ValXs<'a, Val> {
    box_once(Err(Exn::from(stopped())))
}

/// Returns the definitions of jaq that call only these filters, with added steps.
pub(super) fn definitions() -> Vec<Def<&'static str>> {
    let mut guarded: Vec<(Def<&'static str>, Called<'_>)> = jaq_core::defs()
        .chain(jaq_std::defs())
        .map(|definition| {
            let mut called = Called::new();
            (guard::guard_definition(definition, &mut called), called)
        })
        .collect();
    let natives: Called<'_> = natives().iter().map(|(name, arity, _)| (*name, arity.len())).collect();
    loop {
        let defined: Called<'_> = guarded.iter().map(|(it, _)| (it.name, it.args.len())).collect();
        let before = guarded.len();
        guarded.retain(|(_, called)| called.iter().all(|it| natives.contains(it) || defined.contains(it)));
        if guarded.len() == before {
            return guarded.into_iter().map(|(definition, _)| definition).collect();
        }
    }
}

/// Converts a node of parsed text to a value. The depth of the text is limited.
pub(super) fn parse(tape: &Tape<'_>, node: usize) -> Val {
    let text = tape.text(node);
    match tape.kind(node) {
        WalkedKind::List => Val::list(tape.children(node).map(|child| parse(tape, child.node)).collect()),
        WalkedKind::Object => Val::object(tape.children(node).map(|child| {
            let name: Rc<str> = child.name().unwrap_or_default().as_ref().into();
            (name, parse(tape, child.node))
        })),
        WalkedKind::Scalar => match text.as_bytes().first() {
            Some(b'"') => Val::text(serde_json::from_str::<String>(text).unwrap_or_default()),
            Some(b't') => Val::Bool(true),
            Some(b'f') => Val::Bool(false),
            Some(b'n') => Val::Null,
            _ => Val::number(text),
        },
    }
}

fn length(value: Val) -> ValR<Val> {
    match &value {
        Val::Null => Ok(Val::Int(0)),
        Val::Int(int) if int.checked_abs().is_some() => Ok(Val::Int(int.abs())),
        Val::Int(_) | Val::Float(_) | Val::Digits(..) => {
            Ok(Val::Float(value.as_number().unwrap_or_default().abs()))
        }
        Val::Text(text) if fuel::spend(text.len()) => Ok(text.chars().count().into()),
        Val::Text(_) => Err(stopped()),
        Val::List(list) => Ok(list.items.len().into()),
        Val::Object(object) => Ok(object.len().into()),
        Val::Bool(_) => Err(Error::typ(value, "string, array, object or number")),
    }
}

fn to_json(value: &Val) -> ValR<Val> {
    if !fuel::spend(value.weight()) {
        return Err(stopped());
    }
    print::json(value, fuel::MOST_WEIGHT).map(Val::text).ok_or_else(stopped)
}

fn from_json(value: &Val) -> ValR<Val> {
    let Val::Text(text) = value else { return Err(Error::typ(value.clone(), "string")) };
    // Each byte may become a value.
    if !fuel::spend(text.len().saturating_mul(32)) {
        return Err(stopped());
    }
    match Tape::parse(text) {
        Some(tape) => Ok(parse(&tape, Tape::ROOT)),
        None => Err(Error::typ(value.clone(), "JSON")),
    }
}

fn to_number(value: Val) -> ValR<Val> {
    match &value {
        Val::Int(_) | Val::Float(_) | Val::Digits(..) => Ok(value),
        Val::Text(text) => match Tape::parse(text) {
            Some(tape) if text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => {
                Ok(parse(&tape, Tape::ROOT))
            }
            _ => Err(Error::typ(value, "number")),
        },
        _ => Err(Error::typ(value, "number")),
    }
}

fn has(value: Val, name: &Val) -> ValR<Val> {
    match (&value, name) {
        (Val::Object(object), Val::Text(name)) => Ok(Val::Bool(object.get(name).is_some())),
        (Val::List(list), index) if index.as_number().is_some() => {
            let at = index.as_number().unwrap_or(-1.0);
            Ok(Val::Bool(at >= 0.0 && at < list.items.len() as f64))
        }
        _ => Err(Error::index(value, name.clone())),
    }
}

/// Whether a value contains another value, as jq defines it. The depth of both is limited.
fn contains(whole: &Val, part: &Val) -> bool {
    if !fuel::spend(16) {
        return false;
    }
    match (whole, part) {
        (Val::Text(whole), Val::Text(part)) => {
            fuel::spend(whole.len() + part.len()) && whole.contains(&**part)
        }
        (Val::List(whole), Val::List(part)) => {
            part.items.iter().all(|part| whole.items.iter().any(|whole| contains(whole, part)))
        }
        (Val::Object(whole), Val::Object(part)) => {
            let mut members = part.members().into_iter();
            members.all(|(name, part)| whole.get(name).is_some_and(|whole| contains(whole, part)))
        }
        (whole, part) => whole == part,
    }
}
