//! The operators of jq programs.

use std::ops::{Add, Div, Mul, Neg, Rem, Sub};
use std::rc::Rc;

use jaq_core::ValR;
use jaq_core::ops::Math;

use super::fuel;
use super::value::Val;

type Error = jaq_core::Error<Val>;

/// Returns the error for an exceeded limit. The run ends even if the program catches this error.
pub(super) fn stopped() -> Error {
    Error::new(Val::Null)
}

/// Counts the work of an operator by the sizes of both operands.
fn pay(one: &Val, other: &Val) -> Result<(), Error> {
    if fuel::spend(one.weight().saturating_add(other.weight())) { Ok(()) } else { Err(stopped()) }
}

fn numbers(
    one: Val,
    operator: Math,
    other: Val,
    exact: fn(isize, isize) -> Option<isize>,
    float: fn(f64, f64) -> f64,
) -> ValR<Val> {
    if let (Val::Int(one), Val::Int(other)) = (&one, &other)
        && let Some(result) = exact(*one, *other)
    {
        return Ok(Val::Int(result));
    }
    match (one.as_number(), other.as_number()) {
        (Some(one), Some(other)) => Ok(Val::Float(float(one, other))),
        _ => Err(Error::math(one, operator, other)),
    }
}

impl Add for Val {
    type Output = ValR<Self>;

    fn add(self, other: Self) -> ValR<Self> {
        pay(&self, &other)?;
        match (self, other) {
            (Self::Null, value) | (value, Self::Null) => Ok(value),
            (Self::Text(one), Self::Text(other)) => Ok(Self::text([&*one, &*other].concat())),
            (Self::List(one), Self::List(other)) => {
                Ok(Self::list(one.items.iter().chain(&other.items).cloned().collect()))
            }
            (Self::Object(one), Self::Object(other)) => {
                let members = one.members().into_iter().chain(other.members());
                Ok(Self::object(members.map(|(name, value)| (Rc::clone(name), value.clone()))))
            }
            (one, other) => numbers(one, Math::Add, other, isize::checked_add, |one, other| one + other),
        }
    }
}

impl Sub for Val {
    type Output = ValR<Self>;

    fn sub(self, other: Self) -> ValR<Self> {
        pay(&self, &other)?;
        match (self, other) {
            (Self::List(one), Self::List(other)) => {
                let mut removed = other.items.clone();
                removed.sort();
                let kept = one.items.iter().filter(|item| removed.binary_search(item).is_err());
                Ok(Self::list(kept.cloned().collect()))
            }
            (one, other) => numbers(one, Math::Sub, other, isize::checked_sub, |one, other| one - other),
        }
    }
}

impl Mul for Val {
    type Output = ValR<Self>;

    fn mul(self, other: Self) -> ValR<Self> {
        pay(&self, &other)?;
        match (self, other) {
            (Self::Text(text), times) | (times, Self::Text(text)) if times.as_number().is_some() => {
                let times = times.as_number().unwrap_or_default();
                if times <= 0.0 || times.is_nan() {
                    return Ok(Self::Null);
                }
                // The cast to an integer saturates.
                let times = times.ceil() as usize;
                if !fuel::spend(text.len().saturating_mul(times)) {
                    return Err(stopped());
                }
                Ok(Self::text(text.repeat(times)))
            }
            (Self::Object(one), Self::Object(other)) => merge(&Self::Object(one), &Self::Object(other)),
            (one, other) => numbers(one, Math::Mul, other, isize::checked_mul, |one, other| one * other),
        }
    }
}

/// Merges two objects recursively. The depth of values is limited.
fn merge(one: &Val, other: &Val) -> ValR<Val> {
    let (Val::Object(one), Val::Object(other)) = (one, other) else { return Ok(other.clone()) };
    let mut members: Vec<(Rc<str>, Val)> = Vec::new();
    for (name, value) in one.members() {
        members.push((Rc::clone(name), value.clone()));
    }
    for (name, value) in other.members() {
        let merged = one.get(name).map_or_else(|| Ok(value.clone()), |before| merge(before, value))?;
        members.push((Rc::clone(name), merged));
    }
    Ok(Val::object(members))
}

impl Div for Val {
    type Output = ValR<Self>;

    fn div(self, other: Self) -> ValR<Self> {
        pay(&self, &other)?;
        match (self, other) {
            (Self::Text(text), Self::Text(separator)) => {
                if !fuel::spend(text.len().saturating_mul(16)) {
                    return Err(stopped());
                }
                if text.is_empty() {
                    return Ok(Self::list(Vec::new()));
                }
                if separator.is_empty() {
                    return Ok(text.chars().map(|c| Self::text(c.to_string())).collect());
                }
                Ok(text.split(&*separator).map(Self::text).collect())
            }
            (one, other) => {
                let exact = |one: isize, other: isize| {
                    one.checked_rem(other).filter(|rest| *rest == 0).and_then(|_| one.checked_div(other))
                };
                numbers(one, Math::Div, other, exact, |one, other| one / other)
            }
        }
    }
}

impl Rem for Val {
    type Output = ValR<Self>;

    fn rem(self, other: Self) -> ValR<Self> {
        pay(&self, &other)?;
        let is_zero = other.as_number() == Some(0.0);
        if is_zero && self.as_number().is_some() {
            return Err(Error::math(self, Math::Rem, other));
        }
        numbers(self, Math::Rem, other, isize::checked_rem, |one, other| one % other)
    }
}

impl Neg for Val {
    type Output = ValR<Self>;

    fn neg(self) -> ValR<Self> {
        Self::Int(0) - self
    }
}
