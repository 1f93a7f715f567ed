//! The properties of objects and the items of arrays.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jackfield_model::{Defs, Schema};
use serde_json::{Value, json};

use super::found::{Found, Shift};
use super::types::Types;
use super::view::{Property, View, takes_all};
use super::walk::{SchemaComparer, Walk};

/// The schema that accepts everything. It stands for a missing keyword.
static ANYTHING: LazyLock<Value> = LazyLock::new(|| json!({}));

/// The declared properties of a schema, and the number of its alternatives.
#[derive(Debug)]
pub(crate) struct Members<'s> {
    /// The name and the schema of each property, and whether the property is required, in the order of the schema.
    pub(crate) properties: Vec<(&'s str, &'s Value, bool)>,
    /// The number of alternatives beside the properties.
    pub(crate) forms: Option<usize>,
}

impl<'s> SchemaComparer<'s> {
    /// Returns the properties of a schema of the old or the new connector.
    pub(crate) fn members(&self, schema: &'s Value, is_old: bool) -> Members<'s> {
        let view = View::of(schema, if is_old { self.old } else { self.new });
        let properties = view.properties().iter();
        let properties =
            properties.map(|it| (it.name, it.schema, view.required().contains(it.name))).collect();
        let forms = view.branches("anyOf").or_else(|| view.branches("oneOf")).map(Vec::len);
        Members { properties, forms }
    }
}

impl<'s> Walk<'_, 's> {
    /// Compares properties if both schemas accept objects, and items if both accept arrays.
    pub(super) fn compare_members(
        &mut self,
        path: &str,
        within: Option<&'s str>,
        old: &View<'s>,
        new: &View<'s>,
        common: Types,
    ) {
        if common.meets(Types::OBJECT) {
            self.compare_properties(path, within, old, new);
            for (keyword, suffix) in [("additionalProperties", ".*"), ("propertyNames", ".<name>")] {
                self.compare_inner(path, suffix, within, old.get(keyword), new.get(keyword));
            }
            self.compare_patterns(path, within, old.get("patternProperties"), new.get("patternProperties"));
        }
        if common.meets(Types::ARRAY) {
            self.compare_inner(path, "[]", within, old.get("items"), new.get("items"));
            self.compare_positions(path, within, old, new);
        }
    }

    fn compare_properties(&mut self, path: &str, within: Option<&'s str>, old: &View<'s>, new: &View<'s>) {
        for property in old.properties() {
            let Property { name, schema, owner: _ } = *property;
            let outer = within;
            let (inner, within) = self.place(path, within, property);
            match new.property(name) {
                Some(next) => {
                    let (before, after) = (old.required().contains(name), new.required().contains(name));
                    self.compare_required(&inner, within, before, after);
                    self.push(inner, within, schema, next);
                }
                None if Self::has_declared(property, self.comparer.new) => {
                    self.add(Found::new(&joined(path, name), Shift::Removed, "", None, None).within(outer));
                }
                None => self.add(Found::new(&inner, Shift::Removed, "", None, None).within(within)),
            }
        }
        for property in new.properties().iter().filter(|one| old.property(one.name).is_none()) {
            let is_required = new.required().contains(property.name);
            let shift = if is_required { Shift::AddedRequired } else { Shift::Added };
            let (inner, within) = match Self::has_declared(property, self.comparer.old) {
                // The old connector already has the shared schema that declares the property. Only the reference from this schema to it is
                // new.
                true => (joined(path, property.name), within),
                false => self.place(path, within, property),
            };
            self.add(Found::new(&inner, shift, "", None, None).within(within));
        }
        // `required` may contain names that `properties` does not declare.
        let is_known = |name: &&&str| old.property(name).is_some() || new.property(name).is_some();
        let names: BTreeSet<&&str> = old.required().symmetric_difference(new.required()).collect();
        for name in names.into_iter().filter(|name| !is_known(name)) {
            let (before, after) = (old.required().contains(*name), new.required().contains(*name));
            self.compare_required(&joined(path, name), within, before, after);
        }
    }

    /// Returns the path of a property. In a reply, the path begins at the shared schema that declares the property, because many schemas
    /// may combine that schema.
    fn place(
        &self,
        path: &str,
        within: Option<&'s str>,
        property: &Property<'s>,
    ) -> (String, Option<&'s str>) {
        match property.owner.filter(|_| self.is_reply) {
            Some(owner) => (joined("", property.name), Some(owner)),
            None => (joined(path, property.name), within),
        }
    }

    /// Whether the shared schema that declares a property declares it in the other connector too.
    fn has_declared(property: &Property<'s>, defs: &Defs) -> bool {
        let schema = property.owner.and_then(|owner| defs.get(owner)).map(Schema::as_value);
        schema.and_then(|it| it.get("properties")?.get(property.name)).is_some()
    }

    fn compare_required(&mut self, path: &str, within: Option<&'s str>, before: bool, after: bool) {
        if before != after {
            let shift = if after { Shift::Required } else { Shift::Optional };
            self.add(Found::new(path, shift, "", None, None).within(within));
        }
    }

    /// Compares a schema that may be absent or a boolean.
    fn compare_inner(
        &mut self,
        path: &str,
        suffix: &str,
        within: Option<&'s str>,
        old: Option<&'s Value>,
        new: Option<&'s Value>,
    ) {
        let is_any = |schema: Option<&Value>| schema.is_none_or(takes_all);
        let is_nothing = |schema: Option<&Value>| {
            schema.is_some_and(|it| *it == Value::Bool(false) || *it == json!({ "not": {} }))
        };
        let words = match suffix {
            ".*" => "further properties",
            "[]" => "items",
            _ => "names of properties",
        };
        let (before, after) = match ((is_any(old), is_nothing(old)), (is_any(new), is_nothing(new))) {
            ((true, _), (true, _)) | ((_, true), (_, true)) => return,
            ((_, true), _) => (Some("none"), Some("allowed")),
            (_, (_, true)) => (Some("allowed"), Some("none")),
            _ => (None, None),
        };
        if before.is_some() {
            let shift = if after == Some("none") { Shift::Narrowed } else { Shift::Widened };
            self.add(Found::new(path, shift, words, before.map(str::to_owned), after.map(str::to_owned)));
            return;
        }
        let anything: &'static Value = &ANYTHING;
        self.push(format!("{path}{suffix}"), within, old.unwrap_or(anything), new.unwrap_or(anything));
    }

    fn compare_patterns(
        &mut self,
        path: &str,
        within: Option<&'s str>,
        old: Option<&'s Value>,
        new: Option<&'s Value>,
    ) {
        let map = |value: Option<&'s Value>| value.and_then(Value::as_object);
        let (old, new) = (map(old), map(new));
        for (pattern, schema) in old.into_iter().flatten() {
            let inner = joined(path, pattern);
            match new.and_then(|new| new.get(pattern)) {
                Some(next) => self.push(inner, within, schema, next),
                None => self.add(Found::new(&inner, Shift::Removed, "", None, None)),
            }
        }
        let is_new = |pattern: &&String| old.is_none_or(|old| !old.contains_key(*pattern));
        for pattern in new.into_iter().flat_map(|new| new.keys()).filter(is_new) {
            // Properties whose names match the pattern could have any value before.
            self.add(Found::new(
                &joined(path, pattern),
                Shift::Narrowed,
                "schema added for these names",
                None,
                None,
            ));
        }
    }

    fn compare_positions(&mut self, path: &str, within: Option<&'s str>, old: &View<'s>, new: &View<'s>) {
        let list = |view: &View<'s>| view.get("prefixItems").and_then(Value::as_array);
        let (before, after) = (list(old), list(new));
        let count = |list: Option<&Vec<Value>>| list.map_or(0, Vec::len);
        for (at, (schema, next)) in before.into_iter().flatten().zip(after.into_iter().flatten()).enumerate()
        {
            self.push(format!("{path}[{at}]"), within, schema, next);
        }
        if count(before) != count(after) {
            let text = |list: Option<&Vec<Value>>| Some(count(list).to_string());
            self.add(Found::new(
                path,
                Shift::Changed,
                "items with a schema of their own",
                text(before),
                text(after),
            ));
        }
    }
}

/// Appends a property to a path. A name with unusual characters is put into brackets.
pub(super) fn joined(path: &str, name: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '$' | '@');
    match !name.is_empty() && name.chars().all(is_plain) {
        true => format!("{path}.{name}"),
        false => format!("{path}[{name:?}]"),
    }
}
