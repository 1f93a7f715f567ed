//! Finds the alternative that the caller probably meant.

use std::cmp::Reverse;

use serde_json::Value;

use super::explainer::Explainer;
use super::rank::Nearness;
use crate::call::validate::budget::Exhausted;
use crate::call::validate::judge::{pair, prefix_length};
use crate::call::validate::keyword::Keyword;

/// The name of a property, its candidate schemas, and its value.
type Discriminated<'s, 'v> = (&'s str, Vec<&'s Value>, &'v Value);

impl<'s> Explainer<'s, '_, '_, '_> {
    /// Returns the discriminating property: its name, the constants that the alternatives expect, and its value. `None` if no
    /// property discriminates between all alternatives.
    pub(super) fn discriminators<'v>(
        &mut self,
        schemas: &'s [Value],
        value: &'v Value,
    ) -> Result<Option<Discriminated<'s, 'v>>, Exhausted> {
        let mut expected = Vec::new();
        let mut at: Option<(&'s str, &'v Value)> = None;
        for schema in schemas {
            let Some((name, constant, given)) = self.discriminator(schema, value)? else { continue };
            if at.is_some_and(|(before, _)| before != name) {
                return Ok(None);
            }
            at = Some((name, given));
            expected.push(constant);
        }
        Ok(at.map(|(name, given)| (name, expected, given)))
    }

    /// Returns the property whose constant shows that a schema was not meant: its name, its schema, and its value.
    fn discriminator<'v>(
        &mut self,
        schema: &'s Value,
        value: &'v Value,
    ) -> Result<Option<(&'s str, &'s Value, &'v Value)>, Exhausted> {
        let mut schema = schema;
        // The maximum depth to which references are followed.
        for _ in 0..8 {
            self.judge.budget.spend(1)?;
            let target = schema.get("$ref").and_then(Value::as_str);
            match target.and_then(|target| self.judge.schema.resolve(target)) {
                Some(target) => schema = target,
                None => break,
            }
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        for (name, schema) in properties.into_iter().flatten() {
            let Some(given) = value.get(name).filter(|_| is_constant(schema)) else { continue };
            if !self.judge.fits(schema, given)? {
                return Ok(Some((name, schema, given)));
            }
        }
        Ok(None)
    }

    /// Returns how near a value is to a schema that it does not match. Each pair is computed once.
    pub(super) fn nearness(&mut self, schema: &'s Value, value: &Value) -> Result<Nearness, Exhausted> {
        let Value::Object(map) = schema else { return Ok(Nearness::of(Nearness::TYPE)) };
        let pair = pair(schema, value);
        if let Some(known) = self.near.get(&pair) {
            return Ok(*known);
        }
        // A circular schema counts as the least near.
        self.near.insert(pair, Nearness(Nearness::TYPE, Reverse(u32::MAX)));
        self.judge.enter()?;
        let mut whole: Option<Nearness> = None;
        for keyword in Keyword::all_of(map) {
            if let Some(part) = self.nearness_of(keyword, value)? {
                whole = Some(whole.map_or(part, |whole| whole.and(part)));
            }
        }
        self.judge.leave();
        let whole = whole.unwrap_or(Nearness::of(Nearness::SHAPE));
        self.near.insert(pair, whole);
        Ok(whole)
    }

    /// Returns how near the value is to satisfying one keyword. `None` if it satisfies the keyword.
    fn nearness_of(&mut self, keyword: Keyword<'s>, value: &Value) -> Result<Option<Nearness>, Exhausted> {
        if self.fits_keyword(keyword, value)? {
            return Ok(None);
        }
        let operand = keyword.operand;
        let parts = operand.as_array().into_iter().flatten();
        Ok(Some(match keyword.name {
            "type" => Nearness::of(Nearness::TYPE),
            "enum" | "const" => Nearness::of(Nearness::VALUE),
            "$ref" => match operand.as_str().and_then(|target| self.judge.schema.resolve(target)) {
                Some(target) => self.nearness(target, value)?,
                None => return Ok(None),
            },
            "allOf" => {
                let mut whole = Nearness(u32::MAX, Reverse(0));
                for part in parts {
                    if !self.judge.fits(part, value)? {
                        whole = whole.and(self.nearness(part, value)?);
                    }
                }
                whole
            }
            "anyOf" | "oneOf" => {
                let mut best = Nearness::of(Nearness::TYPE);
                for part in parts {
                    best = best.max(self.nearness(part, value)?);
                }
                best
            }
            "required" => {
                let Value::Object(object) = value else { return Ok(None) };
                let missing =
                    parts.filter_map(Value::as_str).filter(|name| !object.contains_key(*name)).count();
                Nearness(Nearness::SHAPE, Reverse(u32::try_from(missing).unwrap_or(u32::MAX)))
            }
            "additionalProperties" if operand == &Value::Bool(false) => Nearness::of(Nearness::SHAPE),
            "properties" => {
                let (Value::Object(properties), Value::Object(object)) = (operand, value) else {
                    return Ok(None);
                };
                let children = object.iter().filter_map(|(name, value)| Some((properties.get(name)?, value)));
                self.deepest(children.collect())?
            }
            "items" => {
                let items = value.as_array().into_iter().flatten().skip(prefix_length(keyword.schema));
                self.deepest(items.map(|item| (operand, item)).collect())?
            }
            "additionalProperties" => {
                let object = value.as_object().into_iter().flatten();
                self.deepest(object.map(|(_, value)| (operand, value)).collect())?
            }
            _ => Nearness::of(Nearness::ASSERTION),
        }))
    }

    /// Computes the nearness of a value from the nearness of its children.
    fn deepest(&mut self, children: Vec<(&'s Value, &Value)>) -> Result<Nearness, Exhausted> {
        let mut rank = Nearness::WITHIN;
        let mut failures = 0_u32;
        for (schema, value) in children {
            if self.judge.fits(schema, value)? {
                continue;
            }
            failures += 1;
            let Nearness(child, _) = self.nearness(schema, value)?;
            if child == Nearness::VALUE && is_constant(schema) {
                return Ok(Nearness::of(Nearness::DISCRIMINATOR));
            }
            rank = rank.max(child.saturating_add(1));
        }
        Ok(Nearness(rank, Reverse(failures)))
    }
}

/// Whether a schema expects constants.
fn is_constant(schema: &Value) -> bool {
    schema.get("const").is_some() || schema.get("enum").is_some()
}
