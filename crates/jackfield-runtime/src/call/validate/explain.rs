//! Explains why a value does not match a schema. If there are several alternatives, only the nearest is explained.

mod explainer;
mod nearness;
mod problem;
mod rank;

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::Schema;
use super::budget::{Budget, Exhausted};
use super::judge::{Judge, pair, prefix_length};
use super::keyword::Keyword;
use explainer::{Explainer, Stop};
use problem::Segment;
pub(crate) use problem::{Path, Problem, ProblemKind, Sink};
use rank::Nearness;

pub(super) fn explain(
    schema: &Schema,
    value: &Value,
    budget: &mut Budget,
    sink: &mut Sink<'_>,
) -> Result<(), Exhausted> {
    let judge = Judge::new(schema, budget, true);
    let mut explainer =
        Explainer { judge, path: Path::default(), seen: HashSet::new(), near: HashMap::new(), told: 0, sink };
    match explainer.schema(&schema.root, value) {
        Err(Stop::Exhausted) => Err(Exhausted),
        Ok(()) | Err(Stop::Enough) => Ok(()),
    }
}

impl<'s> Explainer<'s, '_, '_, '_> {
    fn tell(&mut self, kind: ProblemKind<'_>, value: &Value) -> Result<(), Stop> {
        self.told += 1;
        let problem = Problem { path: &self.path, kind, value };
        if (self.sink)(&problem) { Ok(()) } else { Err(Stop::Enough) }
    }

    fn within(
        &mut self,
        segment: Segment,
        inner: impl FnOnce(&mut Self) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        self.path.0.push(segment);
        let done = inner(self);
        self.path.0.pop();
        done
    }

    /// Explains why a value does not match a schema. Each pair of value and schema is explained only once.
    fn schema(&mut self, schema: &'s Value, value: &Value) -> Result<(), Stop> {
        if self.judge.fits(schema, value)? || !self.seen.insert(pair(schema, value)) {
            return Ok(());
        }
        let Value::Object(map) = schema else { return self.tell(ProblemKind::Nothing, value) };
        self.judge.enter()?;
        // If the type is wrong, only the type is reported.
        if let Some(operand) = map.get("type")
            && !self.judge.asserts("type", operand, value)?
        {
            self.judge.leave();
            return self.tell(ProblemKind::Keyword("type", operand), value);
        }
        for keyword in Keyword::all_of(map) {
            self.keyword(keyword, value)?;
        }
        self.judge.leave();
        Ok(())
    }

    fn keyword(&mut self, keyword: Keyword<'s>, value: &Value) -> Result<(), Stop> {
        let operand = keyword.operand;
        match keyword.name {
            "$ref" => {
                let target = operand.as_str().and_then(|target| self.judge.schema.resolve(target));
                target.map_or(Ok(()), |target| self.schema(target, value))
            }
            "allOf" => {
                operand.as_array().into_iter().flatten().try_for_each(|schema| self.schema(schema, value))
            }
            "anyOf" | "oneOf" => self.alternatives(keyword, value),
            "if" => {
                let branch = if self.judge.fits(operand, value)? { "then" } else { "else" };
                keyword.schema.get(branch).map_or(Ok(()), |schema| self.schema(schema, value))
            }
            "not" if !self.fits_keyword(keyword, value)? => self.tell(ProblemKind::Forbidden, value),
            "not" => Ok(()),
            "required" => self.missing(operand, None, value),
            "dependentRequired" => {
                for (name, names) in operand.as_object().into_iter().flatten() {
                    if value.get(name).is_some() {
                        self.missing(names, Some(name), value)?;
                    }
                }
                Ok(())
            }
            _ => match value {
                Value::Object(object) => self.object(keyword, (object, value)),
                Value::Array(items) => self.array(keyword, (items, value)),
                _ => self.assertion(keyword, value),
            },
        }
    }

    fn fits_keyword(&mut self, keyword: Keyword<'s>, value: &Value) -> Result<bool, Exhausted> {
        Ok(self.judge.judge_keyword(keyword, value)? != super::judge::Verdict::Misfits)
    }

    fn assertion(&mut self, keyword: Keyword<'s>, value: &Value) -> Result<(), Stop> {
        if self.fits_keyword(keyword, value)? {
            return Ok(());
        }
        self.tell(ProblemKind::Keyword(keyword.name, keyword.operand), value)
    }

    fn missing(&mut self, names: &'s Value, because: Option<&'s str>, value: &Value) -> Result<(), Stop> {
        let Value::Object(object) = value else { return Ok(()) };
        for name in names.as_array().into_iter().flatten().filter_map(Value::as_str) {
            self.judge.budget.spend(1)?;
            if !object.contains_key(name) {
                self.tell(ProblemKind::Missing(name, because), value)?;
            }
        }
        Ok(())
    }

    fn object(
        &mut self,
        keyword: Keyword<'s>,
        (object, value): (&Map<String, Value>, &Value),
    ) -> Result<(), Stop> {
        match (keyword.name, keyword.operand) {
            ("properties", Value::Object(properties)) => {
                for (name, value) in object {
                    if let Some(schema) = properties.get(name) {
                        self.within(Segment::Name(name.clone()), |it| it.schema(schema, value))?;
                    }
                }
                Ok(())
            }
            ("patternProperties", Value::Object(schemas)) => {
                for (pattern, schema) in schemas {
                    let Some(pattern) = self.judge.schema.pattern(pattern) else { continue };
                    for (name, value) in object {
                        if pattern.is_found(name, self.judge.budget)? {
                            self.within(Segment::Name(name.clone()), |it| it.schema(schema, value))?;
                        }
                    }
                }
                Ok(())
            }
            ("additionalProperties", _) => {
                for (name, child) in object {
                    if self.judge.is_additional(keyword.schema, name)? {
                        self.other_property(keyword, (name, child), value)?;
                    }
                }
                Ok(())
            }
            ("unevaluatedProperties", _) => {
                let evaluated = super::evaluated::Evaluated::of(&mut self.judge, keyword, value)?;
                for (name, child) in object.iter().filter(|(name, _)| !evaluated.has_name(name)) {
                    self.other_property(keyword, (name, child), value)?;
                }
                Ok(())
            }
            ("propertyNames", _) => {
                for name in object.keys() {
                    if !self.judge.is_name(keyword.operand, name)? {
                        self.tell(ProblemKind::Name(name, keyword.operand), value)?;
                    }
                }
                Ok(())
            }
            ("dependentSchemas", Value::Object(schemas)) => {
                let asked = schemas.iter().filter(|(name, _)| object.contains_key(*name));
                asked.map(|(_, schema)| schema).try_for_each(|schema| self.schema(schema, value))
            }
            _ => self.assertion(keyword, value),
        }
    }

    /// Explains a property of `whole` that the schema does not declare by name.
    fn other_property(
        &mut self,
        keyword: Keyword<'s>,
        (name, child): (&str, &Value),
        whole: &Value,
    ) -> Result<(), Stop> {
        if keyword.operand != &Value::Bool(false) {
            return self.within(Segment::Name(name.to_owned()), |it| it.schema(keyword.operand, child));
        }
        let declared = keyword.schema.get("properties").and_then(Value::as_object);
        self.tell(ProblemKind::Unknown(name, declared), whole)
    }

    fn array(&mut self, keyword: Keyword<'s>, (items, value): (&[Value], &Value)) -> Result<(), Stop> {
        match (keyword.name, keyword.operand) {
            ("items", _) => {
                for (at, item) in items.iter().enumerate().skip(prefix_length(keyword.schema)) {
                    self.within(Segment::Item(at), |it| it.schema(keyword.operand, item))?;
                }
                Ok(())
            }
            ("prefixItems", Value::Array(schemas)) => {
                for (at, (schema, item)) in schemas.iter().zip(items).enumerate() {
                    self.within(Segment::Item(at), |it| it.schema(schema, item))?;
                }
                Ok(())
            }
            ("unevaluatedItems", _) => {
                let evaluated = super::evaluated::Evaluated::of(&mut self.judge, keyword, value)?;
                for (at, item) in items.iter().enumerate().filter(|(at, _)| !evaluated.has_item(*at)) {
                    self.within(Segment::Item(at), |it| it.schema(keyword.operand, item))?;
                }
                Ok(())
            }
            _ => self.assertion(keyword, value),
        }
    }

    /// Explains the nearest alternative. If the value is not near to any alternative, lists the expectations of all
    /// alternatives.
    fn alternatives(&mut self, keyword: Keyword<'s>, value: &Value) -> Result<(), Stop> {
        let Value::Array(schemas) = keyword.operand else { return Ok(()) };
        if self.fits_keyword(keyword, value)? {
            return Ok(());
        }
        let mut nearest: Vec<(&'s Value, Nearness)> = Vec::new();
        for schema in schemas {
            if self.judge.fits(schema, value)? {
                // The value matches more than one alternative of `oneOf`.
                return self.tell(ProblemKind::Several, value);
            }
            nearest.push((schema, self.nearness(schema, value)?));
        }
        nearest.sort_by_key(|(_, near)| std::cmp::Reverse(*near));
        let Some(rank) = nearest.first().map(|(_, near)| near.0) else { return Ok(()) };
        if rank < Nearness::DISCRIMINATOR && schemas.len() > 1 {
            return self.tell(ProblemKind::Neither(schemas.iter().collect()), value);
        }
        if rank == Nearness::DISCRIMINATOR
            && let Some((name, expected, given)) = self.discriminators(schemas, value)?
        {
            let segment = Segment::Name(name.to_owned());
            return self.within(segment, |it| it.tell(ProblemKind::Neither(expected), given));
        }
        // A circular alternative has already been explained, so it reports no further problem.
        let before = self.told;
        for (schema, _) in nearest {
            self.schema(schema, value)?;
            if self.told > before {
                break;
            }
        }
        Ok(())
    }
}
