//! The keywords that apply subschemas to a value or its parts.

use serde_json::{Map, Value};

use super::Verdict::{Circular, Fits, Misfits};
use super::{All, Judge, Judged, prefix_length};
use crate::call::validate::budget::Exhausted;
use crate::call::validate::evaluated::Evaluated;
use crate::call::validate::inspect::count;
use crate::call::validate::keyword::Keyword;

impl<'s> Judge<'s, '_> {
    fn all_fit<'v>(&mut self, pairs: impl Iterator<Item = (&'s Value, &'v Value)>) -> Judged {
        let mut all = All::default();
        for (schema, value) in pairs {
            if all.and(self.judge(schema, value)?) {
                return Ok(Misfits);
            }
        }
        Ok(all.0)
    }

    /// Whether a pattern matches a name. A pattern that cannot be compiled counts as a match, because it may match for the
    /// service.
    pub(in crate::call::validate) fn is_covered(
        &mut self,
        patterns: Option<&Value>,
        name: &str,
    ) -> Result<bool, Exhausted> {
        for pattern in patterns.and_then(Value::as_object).into_iter().flat_map(Map::keys) {
            match self.schema.pattern(pattern) {
                Some(pattern) if !pattern.is_found(name, self.budget)? => {}
                _ => return Ok(true),
            }
        }
        Ok(false)
    }

    pub(super) fn properties(&mut self, operand: &'s Value, value: &Value) -> Judged {
        let (Value::Object(properties), Value::Object(object)) = (operand, value) else { return Ok(Fits) };
        let mut all = All::default();
        if object.len() <= properties.len() {
            for (name, value) in object {
                self.budget.spend(1)?;
                if let Some(schema) = properties.get(name)
                    && all.and(self.judge(schema, value)?)
                {
                    return Ok(Misfits);
                }
            }
        } else {
            for (name, schema) in properties {
                self.budget.spend(1)?;
                if let Some(value) = object.get(name)
                    && all.and(self.judge(schema, value)?)
                {
                    return Ok(Misfits);
                }
            }
        }
        Ok(all.0)
    }

    /// Whether `additionalProperties` applies to the property with the given name.
    pub(in crate::call::validate) fn is_additional(
        &mut self,
        map: &Map<String, Value>,
        name: &str,
    ) -> Result<bool, Exhausted> {
        self.budget.spend(1)?;
        let is_declared = map.get("properties").is_some_and(|properties| properties.get(name).is_some());
        Ok(!is_declared && !self.is_covered(map.get("patternProperties"), name)?)
    }

    pub(super) fn additional(&mut self, keyword: Keyword<'s>, value: &Value) -> Judged {
        let Value::Object(object) = value else { return Ok(Fits) };
        let mut all = All::default();
        for (name, value) in object {
            if self.is_additional(keyword.schema, name)? && all.and(self.judge(keyword.operand, value)?) {
                return Ok(Misfits);
            }
        }
        Ok(all.0)
    }

    pub(super) fn pattern_properties(&mut self, operand: &'s Value, value: &Value) -> Judged {
        let (Value::Object(schemas), Value::Object(object)) = (operand, value) else { return Ok(Fits) };
        let mut all = All::default();
        for (pattern, schema) in schemas {
            let Some(pattern) = self.schema.pattern(pattern) else { continue };
            for (name, value) in object {
                if pattern.is_found(name, self.budget)? && all.and(self.judge(schema, value)?) {
                    return Ok(Misfits);
                }
            }
        }
        Ok(all.0)
    }

    pub(super) fn property_names(&mut self, operand: &'s Value, value: &Value) -> Judged {
        let Value::Object(object) = value else { return Ok(Fits) };
        for name in object.keys() {
            if !self.is_name(operand, name)? {
                return Ok(Misfits);
            }
        }
        Ok(Fits)
    }

    /// Whether a property may have the given name. The name is a temporary value without a stable memory address, so the
    /// result is not cached.
    pub(in crate::call::validate) fn is_name(
        &mut self,
        schema: &'s Value,
        name: &str,
    ) -> Result<bool, Exhausted> {
        self.budget.spend(1 + name.len() / 64)?;
        let name = Value::String(name.to_owned());
        let mut judge = Judge::new(self.schema, self.budget, self.remembers_all);
        judge.depth = self.depth;
        judge.fits(schema, &name)
    }

    pub(super) fn dependent_schemas(&mut self, operand: &'s Value, value: &Value) -> Judged {
        let (Value::Object(schemas), Value::Object(object)) = (operand, value) else { return Ok(Fits) };
        let mut all = All::default();
        for (name, schema) in schemas {
            self.budget.spend(1)?;
            if object.contains_key(name) && all.and(self.judge(schema, value)?) {
                return Ok(Misfits);
            }
        }
        Ok(all.0)
    }

    pub(super) fn items(&mut self, keyword: Keyword<'s>, value: &Value) -> Judged {
        let Value::Array(items) = value else { return Ok(Fits) };
        let others = items.iter().skip(prefix_length(keyword.schema));
        self.all_fit(others.map(|item| (keyword.operand, item)))
    }

    pub(super) fn prefix_items(&mut self, operand: &'s Value, value: &Value) -> Judged {
        let (Value::Array(schemas), Value::Array(items)) = (operand, value) else { return Ok(Fits) };
        self.all_fit(schemas.iter().zip(items))
    }

    pub(super) fn contains(&mut self, keyword: Keyword<'s>, value: &Value) -> Judged {
        let Value::Array(items) = value else { return Ok(Fits) };
        let least = keyword.schema.get("minContains").and_then(count).unwrap_or(1);
        let most = keyword.schema.get("maxContains").and_then(count);
        let mut found = 0;
        for item in items {
            if most.is_none() && found >= least {
                break;
            }
            found += u64::from(self.fits(keyword.operand, item)?);
        }
        Ok((found >= least && most.is_none_or(|most| found <= most)).into())
    }

    pub(super) fn all_of(&mut self, operand: &'s Value, value: &Value) -> Judged {
        self.all_fit(operand.as_array().into_iter().flatten().map(|schema| (schema, value)))
    }

    /// Whether the value matches at least one alternative. An alternative that leads back to the same schema and value does
    /// not count.
    pub(super) fn any_of(&mut self, operand: &'s Value, value: &Value) -> Judged {
        let Value::Array(schemas) = operand else { return Ok(Fits) };
        let mut verdict = Circular;
        for schema in schemas {
            match self.judge(schema, value)? {
                Fits => return Ok(Fits),
                Misfits => verdict = Misfits,
                Circular => {}
            }
        }
        Ok(if schemas.is_empty() { Fits } else { verdict })
    }

    pub(super) fn one_of(&mut self, operand: &'s Value, value: &Value) -> Judged {
        let Value::Array(schemas) = operand else { return Ok(Fits) };
        let mut fitting = 0;
        let mut misfitting = 0;
        for schema in schemas {
            match self.judge(schema, value)? {
                Fits => fitting += 1,
                Misfits => misfitting += 1,
                Circular => {}
            }
            if fitting > 1 {
                return Ok(Misfits);
            }
        }
        Ok(match (fitting, misfitting) {
            (1, _) => Fits,
            (0, 0) if schemas.is_empty() => Fits,
            (0, 0) => Circular,
            _ => Misfits,
        })
    }

    pub(super) fn branch(&mut self, keyword: Keyword<'s>, value: &Value) -> Judged {
        let branch = match self.judge(keyword.operand, value)? {
            Fits => "then",
            Misfits => "else",
            Circular => return Ok(Circular),
        };
        keyword.schema.get(branch).map_or(Ok(Fits), |schema| self.judge(schema, value))
    }

    pub(super) fn unevaluated_properties(&mut self, keyword: Keyword<'s>, value: &Value) -> Judged {
        let Value::Object(object) = value else { return Ok(Fits) };
        let evaluated = Evaluated::of(self, keyword, value)?;
        let mut all = All::default();
        for (name, value) in object {
            self.budget.spend(1)?;
            if !evaluated.has_name(name) && all.and(self.judge(keyword.operand, value)?) {
                return Ok(Misfits);
            }
        }
        Ok(all.0)
    }

    pub(super) fn unevaluated_items(&mut self, keyword: Keyword<'s>, value: &Value) -> Judged {
        let Value::Array(items) = value else { return Ok(Fits) };
        let evaluated = Evaluated::of(self, keyword, value)?;
        let mut all = All::default();
        for (at, item) in items.iter().enumerate() {
            self.budget.spend(1)?;
            if !evaluated.has_item(at) && all.and(self.judge(keyword.operand, item)?) {
                return Ok(Misfits);
            }
        }
        Ok(all.0)
    }
}
