//! Decides whether a value matches a schema.

mod applicators;
mod assertions;

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::budget::{Budget, Exhausted};
use super::keyword::Keyword;
use super::{OneOf, Schema};

/// The maximum depth of schemas and values together. JSON text can have up to 128 levels, and each level takes about four nested schemas.
const DEEPEST: usize = 700;
/// The maximum number of cached results. They take about 30 MB.
const MOST_KNOWN: usize = 500_000;
/// The number of steps that caching a result costs.
const STEPS_TO_REMEMBER: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Fits,
    Misfits,
    /// A reference leads back to a schema that is already being compared with the same value, so the reference adds no
    /// information.
    Circular,
}

use Verdict::{Circular, Fits, Misfits};

impl From<bool> for Verdict {
    fn from(fits: bool) -> Self {
        if fits { Fits } else { Misfits }
    }
}

pub(super) type Judged = Result<Verdict, Exhausted>;

/// The memory addresses of a schema node and a value node. Both nodes outlive the judge.
pub(super) type Pair = (usize, usize);

pub(super) fn pair(schema: &Value, value: &Value) -> Pair {
    (std::ptr::from_ref(schema) as usize, std::ptr::from_ref(value) as usize)
}

#[derive(Clone, Copy)]
enum Known {
    Verdict(bool),
    /// The comparison is in progress. Contains the number of enclosing comparisons.
    Open(usize),
}

/// Decides whether values match a schema and its subschemas.
pub(super) struct Judge<'s, 'b> {
    pub(super) schema: &'s Schema,
    pub(super) budget: &'b mut Budget,
    /// Whether results are cached for every pair of schema and value, instead of only for the targets of references.
    remembers_all: bool,
    known: HashMap<Pair, Known>,
    open: usize,
    /// The outermost unfinished comparison on which a result has depended since the innermost comparison began.
    relied_on: usize,
    depth: usize,
}

impl<'s, 'b> Judge<'s, 'b> {
    pub(super) fn new(schema: &'s Schema, budget: &'b mut Budget, remembers_all: bool) -> Self {
        Self {
            schema,
            budget,
            remembers_all,
            known: HashMap::new(),
            open: 0,
            relied_on: usize::MAX,
            depth: 0,
        }
    }

    /// Whether the value matches the schema. The schema must not be part of a reference cycle.
    pub(super) fn fits(&mut self, schema: &'s Value, value: &Value) -> Result<bool, Exhausted> {
        Ok(self.judge(schema, value)? != Misfits)
    }

    pub(super) fn judge(&mut self, schema: &'s Value, value: &Value) -> Judged {
        self.budget.spend(1)?;
        match schema {
            Value::Object(map) if map.is_empty() => Ok(Fits),
            Value::Object(_) if self.remembers_all => self.judge_once(schema, value),
            Value::Object(map) => self.judge_map(map, value),
            Value::Bool(any) => Ok((*any).into()),
            // A malformed keyword asserts nothing.
            _ => Ok(Fits),
        }
    }

    /// Compares a value with a schema once. A result that depends on a comparison in progress is not cached, because the
    /// result may change when that comparison ends.
    fn judge_once(&mut self, schema: &'s Value, value: &Value) -> Judged {
        let Value::Object(map) = schema else { return self.judge(schema, value) };
        let pair = pair(schema, value);
        match self.known.get(&pair) {
            Some(Known::Verdict(fits)) => return Ok((*fits).into()),
            Some(Known::Open(at)) => {
                self.relied_on = self.relied_on.min(*at);
                return Ok(Circular);
            }
            None => {}
        }
        self.budget.spend(STEPS_TO_REMEMBER)?;
        let here = self.open;
        self.known.insert(pair, Known::Open(here));
        self.open += 1;
        let outer = std::mem::replace(&mut self.relied_on, usize::MAX);
        let verdict = self.judge_map(map, value)?;
        self.open -= 1;
        if self.relied_on < here {
            self.known.remove(&pair);
            self.relied_on = self.relied_on.min(outer);
            return Ok(verdict);
        }
        self.relied_on = outer;
        let fits = verdict != Misfits;
        if self.known.len() < MOST_KNOWN {
            self.known.insert(pair, Known::Verdict(fits));
        } else {
            self.known.remove(&pair);
        }
        Ok(fits.into())
    }

    /// Judges the target of a reference.
    fn judge_reference(&mut self, operand: &Value, value: &Value) -> Judged {
        let target = operand.as_str().and_then(|target| self.schema.resolve(target));
        // A reference without a target asserts nothing, so the service decides.
        let Some(target) = target else { return Ok(Fits) };
        self.budget.spend(1)?;
        self.judge_once(target, value)
    }

    fn judge_map(&mut self, map: &'s Map<String, Value>, value: &Value) -> Judged {
        self.enter()?;
        let mut all = All::default();
        for keyword in Keyword::all_of(map) {
            if all.and(self.judge_keyword(keyword, value)?) {
                break;
            }
        }
        self.leave();
        Ok(all.0)
    }

    /// Enters a level of nesting. Only a successful comparison leaves the level, because a failure ends the whole validation.
    pub(super) const fn enter(&mut self) -> Result<(), Exhausted> {
        self.depth += 1;
        if self.depth > DEEPEST { Err(Exhausted) } else { Ok(()) }
    }

    pub(super) const fn leave(&mut self) {
        self.depth -= 1;
    }

    pub(super) fn judge_keyword(&mut self, keyword: Keyword<'s>, value: &Value) -> Judged {
        self.budget.spend(1)?;
        let operand = keyword.operand;
        match keyword.name {
            "properties" => self.properties(operand, value),
            "items" => self.items(keyword, value),
            "$ref" => self.judge_reference(operand, value),
            "allOf" => self.all_of(operand, value),
            "anyOf" => self.any_of(operand, value),
            "oneOf" if self.schema.one_of == OneOf::AtLeast => self.any_of(operand, value),
            "oneOf" => self.one_of(operand, value),
            "not" => Ok(match self.judge(operand, value)? {
                Fits => Misfits,
                Misfits => Fits,
                Circular => Circular,
            }),
            "if" => self.branch(keyword, value),
            "additionalProperties" => self.additional(keyword, value),
            "patternProperties" => self.pattern_properties(operand, value),
            "propertyNames" => self.property_names(operand, value),
            "dependentSchemas" => self.dependent_schemas(operand, value),
            "prefixItems" => self.prefix_items(operand, value),
            "contains" => self.contains(keyword, value),
            "unevaluatedProperties" => self.unevaluated_properties(keyword, value),
            "unevaluatedItems" => self.unevaluated_items(keyword, value),
            _ => Ok(self.asserts(keyword.name, operand, value)?.into()),
        }
    }
}

/// The combined result of parts that all have to match.
struct All(Verdict);

impl Default for All {
    fn default() -> Self {
        Self(Fits)
    }
}

impl All {
    /// Adds a part. Returns true if the combined result cannot change any more.
    fn and(&mut self, part: Verdict) -> bool {
        if part != Fits {
            self.0 = part;
        }
        part == Misfits
    }
}

/// Returns the number of items that `prefixItems` covers.
pub(super) fn prefix_length(map: &Map<String, Value>) -> usize {
    map.get("prefixItems").and_then(Value::as_array).map_or(0, Vec::len)
}
