//! Values of jq programs. Each value knows the size and depth that it would have without sharing.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::fuel::{self, Exceeded, MOST_DEPTH, MOST_WEIGHT};

/// The data that jaq passes to a running program: its lookup table, with the values of this module.
pub(super) type Data = jaq_core::data::JustLut<Val>;

/// The size that a value has in addition to its text.
const OWN_WEIGHT: usize = 16;

/// A JSON value.
#[derive(Clone, Debug)]
pub(super) enum Val {
    Null,
    Bool(bool),
    Int(isize),
    Float(f64),
    /// A number with more digits than a float can represent, with its approximation.
    Digits(Rc<str>, f64),
    Text(Rc<str>),
    List(Rc<List>),
    Object(Rc<Object>),
}

#[derive(Clone, Debug, Default)]
pub(super) struct List {
    pub(super) items: Vec<Val>,
    weight: usize,
    depth: usize,
}

/// The members by name, each with its position in the order of insertion.
#[derive(Clone, Debug, Default)]
pub(super) struct Object {
    members: BTreeMap<Rc<str>, (usize, Val)>,
    weight: usize,
    depth: usize,
}

impl Object {
    /// Returns the members in the order in which they were inserted.
    pub(super) fn members(&self) -> Vec<(&Rc<str>, &Val)> {
        let mut members: Vec<_> = self.members.iter().map(|(name, (at, value))| (*at, name, value)).collect();
        members.sort_unstable_by_key(|(at, ..)| *at);
        members.into_iter().map(|(_, name, value)| (name, value)).collect()
    }

    pub(super) fn get(&self, name: &str) -> Option<&Val> {
        self.members.get(name).map(|(_, value)| value)
    }

    pub(super) fn len(&self) -> usize {
        self.members.len()
    }
}

impl Val {
    pub(super) fn text(text: impl Into<Rc<str>>) -> Self {
        let text = text.into();
        if !fuel::spend(text.len()) {
            return Self::Null;
        }
        Self::Text(text)
    }

    /// Creates an array. Exceeds the limit of the run if the array is too large or nested too deeply.
    pub(super) fn list(items: Vec<Self>) -> Self {
        let weight = items.iter().map(Self::weight).fold(OWN_WEIGHT, usize::saturating_add);
        let depth = 1 + items.iter().map(Self::depth).max().unwrap_or_default();
        if !is_allowed(items.len(), weight, depth) {
            return Self::Null;
        }
        Self::List(Rc::new(List { items, weight, depth }))
    }

    /// Creates an object. Exceeds the limit of the run if the object is too large or nested too deeply. The last of duplicate names counts.
    pub(super) fn object(members: impl IntoIterator<Item = (Rc<str>, Self)>) -> Self {
        let mut object = Object { weight: OWN_WEIGHT, ..Object::default() };
        for (at, (name, value)) in members.into_iter().enumerate() {
            object.weight =
                object.weight.saturating_add(name.len() + OWN_WEIGHT).saturating_add(value.weight());
            object.depth = object.depth.max(value.depth());
            let at = object.members.get(&name).map_or(at, |(at, _)| *at);
            object.members.insert(name, (at, value));
        }
        object.depth += 1;
        if !is_allowed(object.members.len(), object.weight, object.depth) {
            return Self::Null;
        }
        Self::Object(Rc::new(object))
    }

    /// Creates a number from its JSON text.
    pub(super) fn number(text: &str) -> Self {
        if let Ok(int) = text.parse() {
            return Self::Int(int);
        }
        let float = text.parse().unwrap_or(f64::NAN);
        if text.bytes().filter(u8::is_ascii_digit).count() > 15 {
            Self::Digits(text.into(), float)
        } else {
            Self::Float(float)
        }
    }

    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Text(text) | Self::Digits(text, _) => OWN_WEIGHT + text.len(),
            Self::List(list) => list.weight,
            Self::Object(object) => object.weight,
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Float(_) => OWN_WEIGHT,
        }
    }

    fn depth(&self) -> usize {
        match self {
            Self::List(list) => list.depth,
            Self::Object(object) => object.depth,
            _ => 0,
        }
    }

    pub(super) fn as_number(&self) -> Option<f64> {
        match self {
            Self::Int(int) => Some(*int as f64),
            Self::Float(float) | Self::Digits(_, float) => Some(*float),
            _ => None,
        }
    }

    /// Returns the position of the value's type in the order of all values.
    const fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Bool(false) => 1,
            Self::Bool(true) => 2,
            Self::Int(_) | Self::Float(_) | Self::Digits(..) => 3,
            Self::Text(_) => 4,
            Self::List(_) => 5,
            Self::Object(_) => 6,
        }
    }
}

fn is_allowed(children: usize, weight: usize, depth: usize) -> bool {
    if weight > MOST_WEIGHT {
        fuel::exceed(Exceeded::Weight);
    }
    if depth > MOST_DEPTH {
        fuel::exceed(Exceeded::Depth);
    }
    fuel::spend(OWN_WEIGHT * (1 + children))
}

impl Ord for Val {
    fn cmp(&self, other: &Self) -> Ordering {
        // Comparing costs at most as much as the smaller value.
        fuel::spend(self.weight().min(other.weight()));
        match (self, other) {
            (Self::Int(one), Self::Int(other)) => one.cmp(other),
            (Self::Text(one), Self::Text(other)) => one.cmp(other),
            (Self::List(one), Self::List(other)) => one.items.cmp(&other.items),
            (Self::Object(one), Self::Object(other)) => {
                let names = one.members.keys().cmp(other.members.keys());
                let values = |object: &'_ Rc<Object>| {
                    object.members.values().map(|(_, value)| value.clone()).collect::<Vec<_>>()
                };
                names.then_with(|| values(one).cmp(&values(other)))
            }
            _ => match (self.as_number(), other.as_number()) {
                // NaN is less than every number.
                (Some(one), Some(other)) => {
                    one.partial_cmp(&other).unwrap_or_else(|| other.is_nan().cmp(&one.is_nan()))
                }
                _ => self.rank().cmp(&other.rank()),
            },
        }
    }
}

impl PartialOrd for Val {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Val {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Val {}

impl From<bool> for Val {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<isize> for Val {
    fn from(value: isize) -> Self {
        Self::Int(value)
    }
}

impl From<usize> for Val {
    fn from(value: usize) -> Self {
        isize::try_from(value).map_or(Self::Float(value as f64), Self::Int)
    }
}

impl From<f64> for Val {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<String> for Val {
    fn from(value: String) -> Self {
        Self::text(value)
    }
}

impl From<jaq_core::val::Range<Self>> for Val {
    fn from(range: jaq_core::val::Range<Self>) -> Self {
        let bounds = [("start", range.start), ("end", range.end)];
        Self::object(bounds.into_iter().map(|(name, bound)| (name.into(), bound.unwrap_or(Self::Null))))
    }
}

impl FromIterator<Self> for Val {
    fn from_iter<T: IntoIterator<Item = Self>>(items: T) -> Self {
        let mut collected = Vec::new();
        for item in items {
            // An endless sequence would otherwise use all memory.
            if !fuel::spend(OWN_WEIGHT) {
                return Self::Null;
            }
            collected.push(item);
        }
        Self::list(collected)
    }
}
