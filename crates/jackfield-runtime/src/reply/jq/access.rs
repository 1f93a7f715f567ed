//! Reads and changes parts of values for jq programs.

use std::rc::Rc;

use jaq_core::box_iter::{BoxIter, box_once};
use jaq_core::path::Opt;
use jaq_core::val::{Range, ValT, ValX};
use jaq_core::{Error, Exn, ValR};

use super::fuel;
use super::operators::stopped;
use super::print;
use super::value::Val;

type Failed = Error<Val>;

impl Val {
    /// Returns the position of an item. A negative index counts from the end.
    fn position(&self, index: &Self, length: usize) -> Result<Option<usize>, Failed> {
        let Some(at) = index.as_number() else { return Err(Error::index(self.clone(), index.clone())) };
        let at = at.floor();
        let at = if at < 0.0 { at + length as f64 } else { at };
        // The cast to an integer saturates.
        Ok((at >= 0.0).then_some(at as usize))
    }

    /// Returns the bounds of a slice.
    fn bounds(&self, range: &Range<&Self>, length: usize) -> Result<std::ops::Range<usize>, Failed> {
        let bound = |bound: Option<&Self>, default: usize| match bound {
            None | Some(Self::Null) => Ok(default),
            Some(index) => Ok(self.position(index, length)?.unwrap_or_default().min(length)),
        };
        let (start, end) = (bound(range.start, 0)?, bound(range.end, length)?);
        Ok(start..end.max(start))
    }

    fn fail(self, kind: &'static str) -> Failed {
        Error::typ(self, kind)
    }

    fn pay(&self, per_child: usize) -> Result<(), Failed> {
        let children = match self {
            Self::List(list) => list.items.len(),
            Self::Object(object) => object.len(),
            Self::Text(text) => text.len(),
            _ => 0,
        };
        if fuel::spend(children.saturating_add(1).saturating_mul(per_child)) {
            Ok(())
        } else {
            Err(stopped())
        }
    }
}

impl ValT for Val {
    fn from_num(text: &str) -> ValR<Self> {
        Ok(Self::number(text))
    }

    fn from_map<I: IntoIterator<Item = (Self, Self)>>(members: I) -> ValR<Self> {
        let named = members.into_iter().map(|(name, value)| match name {
            Self::Text(name) => Ok((name, value)),
            other => Err(other.fail("string")),
        });
        let object = Self::object(named.collect::<Result<Vec<_>, _>>()?);
        if fuel::exceeded().is_some() { Err(stopped()) } else { Ok(object) }
    }

    fn key_values(self) -> BoxIter<'static, ValR<(Self, Self), Self>> {
        if let Err(error) = self.pay(64) {
            return box_once(Err(error));
        }
        match self {
            Self::List(list) => {
                let items: Vec<_> =
                    list.items.iter().enumerate().map(|(at, item)| Ok((at.into(), item.clone()))).collect();
                Box::new(items.into_iter())
            }
            Self::Object(object) => {
                let members = object.members().into_iter();
                let members: Vec<_> =
                    members.map(|(name, value)| Ok((Self::Text(Rc::clone(name)), value.clone()))).collect();
                Box::new(members.into_iter())
            }
            other => box_once(Err(other.fail("iterable"))),
        }
    }

    fn values(self) -> Box<dyn Iterator<Item = ValR<Self>>> {
        if let Err(error) = self.pay(64) {
            return box_once(Err(error));
        }
        match self {
            Self::List(list) => Box::new(Rc::unwrap_or_clone(list).items.into_iter().map(Ok)),
            Self::Object(object) => {
                let values: Vec<_> =
                    object.members().into_iter().map(|(_, value)| Ok(value.clone())).collect();
                Box::new(values.into_iter())
            }
            other => box_once(Err(other.fail("iterable"))),
        }
    }

    fn index(self, index: &Self) -> ValR<Self> {
        if !fuel::spend(8) {
            return Err(stopped());
        }
        match (&self, index) {
            (Self::Null, Self::Text(_) | Self::Int(_) | Self::Float(_) | Self::Null) => Ok(Self::Null),
            (Self::Object(object), Self::Text(name)) => Ok(object.get(name).cloned().unwrap_or(Self::Null)),
            (Self::List(list), index) if index.as_number().is_some() => {
                let at = self.position(index, list.items.len())?;
                Ok(at.and_then(|at| list.items.get(at)).cloned().unwrap_or(Self::Null))
            }
            _ => Err(Error::index(self, index.clone())),
        }
    }

    fn range(self, range: Range<&Self>) -> ValR<Self> {
        self.pay(8)?;
        match &self {
            Self::Null => Ok(Self::Null),
            Self::List(list) => {
                let bounds = self.bounds(&range, list.items.len())?;
                Ok(Self::list(list.items.get(bounds).unwrap_or_default().to_vec()))
            }
            Self::Text(text) => {
                let bounds = self.bounds(&range, text.chars().count())?;
                let part: String = text.chars().skip(bounds.start).take(bounds.len()).collect();
                Ok(Self::text(part))
            }
            _ => Err(self.fail("array or string")),
        }
    }

    fn map_values<'a, I: Iterator<Item = ValX<'a, Self>>>(
        self,
        opt: Opt,
        f: impl Fn(Self) -> I,
    ) -> ValX<'a, Self> {
        self.pay(64)?;
        match self {
            Self::List(list) => list.items.iter().cloned().flat_map(f).collect(),
            Self::Object(object) => {
                let mut members = Vec::new();
                for (name, value) in object.members() {
                    if let Some(value) = f(value.clone()).next() {
                        members.push((Rc::clone(name), value?));
                    }
                }
                Ok(Self::object(members))
            }
            other => opt.fail(other, |other| Exn::from(other.fail("iterable"))),
        }
    }

    fn map_index<'a, I: Iterator<Item = ValX<'a, Self>>>(
        self,
        index: &Self,
        opt: Opt,
        f: impl Fn(Self) -> I,
    ) -> ValX<'a, Self> {
        self.pay(16)?;
        match (&self, index) {
            (Self::Object(_) | Self::Null, Self::Text(name)) => {
                let empty = Rc::default();
                let object = if let Self::Object(object) = &self { object } else { &empty };
                let changed = f(object.get(name).cloned().unwrap_or(Self::Null)).next().transpose()?;
                let others =
                    object.members().into_iter().filter(|(other, _)| changed.is_some() || *other != name);
                let members: Vec<_> = others.map(|(name, value)| (Rc::clone(name), value.clone())).collect();
                Ok(Self::object(members.into_iter().chain(changed.map(|value| (Rc::clone(name), value)))))
            }
            (Self::List(list), index) if index.as_number().is_some() => {
                let position = self.position(index, list.items.len())?;
                let Some(at) = position.filter(|at| *at < list.items.len()) else {
                    return opt.fail(self.clone(), |list| Exn::from(Error::index(list, index.clone())));
                };
                let mut items = list.items.clone();
                match f(items[at].clone()).next().transpose()? {
                    Some(changed) => items[at] = changed,
                    None => drop(items.remove(at)),
                }
                Ok(Self::list(items))
            }
            _ => {
                let index = index.clone();
                opt.fail(self, |value| Exn::from(Error::index(value, index)))
            }
        }
    }

    fn map_range<'a, I: Iterator<Item = ValX<'a, Self>>>(
        self,
        range: Range<&Self>,
        opt: Opt,
        f: impl Fn(Self) -> I,
    ) -> ValX<'a, Self> {
        self.pay(16)?;
        let Self::List(list) = &self else {
            return opt.fail(self, |value| Exn::from(value.fail("array")));
        };
        let bounds = self.bounds(&range, list.items.len())?;
        let part = Self::list(list.items.get(bounds.clone()).unwrap_or_default().to_vec());
        let changed = match f(part).next().transpose()? {
            Some(Self::List(changed)) => changed.items.clone(),
            Some(other) => return Err(Exn::from(other.fail("array"))),
            None => Vec::new(),
        };
        let mut items = list.items.clone();
        items.splice(bounds, changed);
        Ok(Self::list(items))
    }

    fn as_bool(&self) -> bool {
        !matches!(self, Self::Null | Self::Bool(false))
    }

    fn into_string(self) -> Self {
        match self {
            Self::Text(_) => self,
            other => print::json(&other, super::fuel::MOST_WEIGHT).map_or(Self::Null, Self::text),
        }
    }
}

impl jaq_std::ValT for Val {
    fn into_seq<S: FromIterator<Self>>(self) -> Result<S, Self> {
        match self {
            Self::List(list) if fuel::spend(list.items.len().saturating_mul(32)) => {
                Ok(Rc::unwrap_or_clone(list).items.into_iter().collect())
            }
            other => Err(other),
        }
    }

    fn is_int(&self) -> bool {
        matches!(self, Self::Int(_))
    }

    fn as_isize(&self) -> Option<isize> {
        if let Self::Int(int) = self { Some(*int) } else { None }
    }

    fn as_f64(&self) -> Option<f64> {
        self.as_number()
    }

    fn is_utf8_str(&self) -> bool {
        matches!(self, Self::Text(_))
    }

    fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            // The caller reads all bytes, so all of them count as work.
            Self::Text(text) if fuel::spend(text.len()) => Some(text.as_bytes()),
            _ => None,
        }
    }

    fn as_sub_str(&self, sub: &[u8]) -> Self {
        Self::text(String::from_utf8_lossy(sub))
    }

    fn from_utf8_bytes(bytes: impl AsRef<[u8]> + Send + 'static) -> Self {
        Self::text(String::from_utf8_lossy(bytes.as_ref()))
    }
}
