//! Finds the properties and items that are evaluated by the keywords next to `unevaluatedProperties` and
//! `unevaluatedItems`.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::budget::Exhausted;
use super::judge::{Judge, Verdict, prefix_length};
use super::keyword::Keyword;

#[derive(Default)]
pub(super) struct Evaluated<'v> {
    all: bool,
    names: HashSet<&'v str>,
    items: HashSet<usize>,
    /// The number of evaluated items at the start of the array.
    prefix: usize,
    /// The schemas that were visited.
    seen: HashSet<usize>,
}

impl<'v> Evaluated<'v> {
    /// Returns the properties and items that all other keywords of a schema have evaluated.
    pub(super) fn of<'s>(
        judge: &mut Judge<'s, '_>,
        asking: Keyword<'s>,
        value: &'v Value,
    ) -> Result<Self, Exhausted> {
        let mut evaluated = Self::default();
        let others = Keyword::all_of(asking.schema).filter(|keyword| keyword.name != asking.name);
        evaluated.collect_keywords(judge, others, value)?;
        Ok(evaluated)
    }

    pub(super) fn has_name(&self, name: &str) -> bool {
        self.all || self.names.contains(name)
    }

    pub(super) fn has_item(&self, at: usize) -> bool {
        self.all || at < self.prefix || self.items.contains(&at)
    }

    /// Collects the properties and items that a schema has evaluated, if the value matches the schema.
    fn collect<'s>(
        &mut self,
        judge: &mut Judge<'s, '_>,
        schema: &'s Value,
        value: &'v Value,
    ) -> Result<(), Exhausted> {
        judge.budget.spend(1)?;
        let Value::Object(map) = schema else { return Ok(()) };
        let is_new = self.seen.insert(std::ptr::from_ref(schema) as usize);
        if self.all || !is_new || judge.judge(schema, value)? != Verdict::Fits {
            return Ok(());
        }
        judge.enter()?;
        self.collect_keywords(judge, Keyword::all_of(map), value)?;
        judge.leave();
        Ok(())
    }

    fn collect_keywords<'s>(
        &mut self,
        judge: &mut Judge<'s, '_>,
        keywords: impl Iterator<Item = Keyword<'s>>,
        value: &'v Value,
    ) -> Result<(), Exhausted> {
        for keyword in keywords {
            judge.budget.spend(1)?;
            let operand = keyword.operand;
            match keyword.name {
                "$ref" => {
                    let target = operand.as_str().and_then(|target| judge.schema.resolve(target));
                    if let Some(target) = target {
                        self.collect(judge, target, value)?;
                    }
                }
                "allOf" | "anyOf" | "oneOf" => {
                    for schema in operand.as_array().into_iter().flatten() {
                        self.collect(judge, schema, value)?;
                    }
                }
                "if" => {
                    let branch = match judge.judge(operand, value)? {
                        Verdict::Fits => "then",
                        Verdict::Misfits => "else",
                        Verdict::Circular => continue,
                    };
                    self.collect(judge, operand, value)?;
                    if let Some(branch) = keyword.schema.get(branch) {
                        self.collect(judge, branch, value)?;
                    }
                }
                _ => match value {
                    Value::Object(object) => {
                        self.collect_names(judge, keyword, (object, value))?;
                    }
                    Value::Array(items) => self.collect_items(judge, keyword, items)?,
                    _ => {}
                },
            }
        }
        Ok(())
    }

    fn collect_names<'s>(
        &mut self,
        judge: &mut Judge<'s, '_>,
        keyword: Keyword<'s>,
        (object, value): (&'v Map<String, Value>, &'v Value),
    ) -> Result<(), Exhausted> {
        match (keyword.name, keyword.operand) {
            ("properties", Value::Object(properties)) => {
                judge.budget.spend(object.len())?;
                self.names
                    .extend(object.keys().map(String::as_str).filter(|name| properties.contains_key(*name)));
            }
            ("patternProperties", _) => {
                for name in object.keys() {
                    if judge.is_covered(Some(keyword.operand), name)? {
                        self.names.insert(name);
                    }
                }
            }
            // In combination with `properties` and `patternProperties`, `additionalProperties` evaluates every property.
            ("additionalProperties", _) => {
                for name in object.keys() {
                    if judge.is_additional(keyword.schema, name)? {
                        self.names.insert(name);
                    }
                }
            }
            ("unevaluatedProperties", _) => self.all = true,
            ("dependentSchemas", Value::Object(schemas)) => {
                for (name, schema) in schemas {
                    if object.contains_key(name) {
                        self.collect(judge, schema, value)?;
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn collect_items<'s>(
        &mut self,
        judge: &mut Judge<'s, '_>,
        keyword: Keyword<'s>,
        items: &'v [Value],
    ) -> Result<(), Exhausted> {
        match keyword.name {
            "prefixItems" => self.prefix = self.prefix.max(prefix_length(keyword.schema)),
            "items" | "unevaluatedItems" => self.all = true,
            "contains" => {
                for (at, item) in items.iter().enumerate() {
                    if judge.fits(keyword.operand, item)? {
                        self.items.insert(at);
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }
}
