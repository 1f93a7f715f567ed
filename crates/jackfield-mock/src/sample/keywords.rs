//! The keywords of a schema that a check reads.

use serde_json::{Map, Value};

/// The values of the keywords. They are found in one pass, because most schemas have few keywords, and a check asks for many.
#[derive(Clone, Copy, Default)]
pub(super) struct Keywords<'s> {
    pub(super) kind: Option<&'s Value>,
    pub(super) constant: Option<&'s Value>,
    pub(super) allowed: Option<&'s Value>,
    pub(super) reference: Option<&'s Value>,
    pub(super) all_of: Option<&'s Value>,
    pub(super) any_of: Option<&'s Value>,
    pub(super) one_of: Option<&'s Value>,
    pub(super) not: Option<&'s Value>,
    pub(super) condition: Option<&'s Value>,
    pub(super) then: Option<&'s Value>,
    pub(super) otherwise: Option<&'s Value>,
    pub(super) properties: Option<&'s Value>,
    pub(super) pattern_properties: Option<&'s Value>,
    pub(super) additional_properties: Option<&'s Value>,
    pub(super) property_names: Option<&'s Value>,
    pub(super) required: Option<&'s Value>,
    pub(super) min_properties: Option<&'s Value>,
    pub(super) max_properties: Option<&'s Value>,
    pub(super) dependent_schemas: Option<&'s Value>,
    pub(super) dependent_required: Option<&'s Value>,
    pub(super) prefix_items: Option<&'s Value>,
    pub(super) items: Option<&'s Value>,
    pub(super) unique_items: Option<&'s Value>,
    pub(super) min_items: Option<&'s Value>,
    pub(super) max_items: Option<&'s Value>,
    pub(super) contains: Option<&'s Value>,
    pub(super) min_contains: Option<&'s Value>,
    pub(super) max_contains: Option<&'s Value>,
    pub(super) min_length: Option<&'s Value>,
    pub(super) max_length: Option<&'s Value>,
    pub(super) pattern: Option<&'s Value>,
    pub(super) minimum: Option<&'s Value>,
    pub(super) maximum: Option<&'s Value>,
    pub(super) exclusive_minimum: Option<&'s Value>,
    pub(super) exclusive_maximum: Option<&'s Value>,
    pub(super) multiple_of: Option<&'s Value>,
}

impl<'s> Keywords<'s> {
    pub(super) fn of(map: &'s Map<String, Value>) -> Self {
        let mut found = Self::default();
        for (key, value) in map {
            let slot = match key.as_str() {
                "type" => &mut found.kind,
                "const" => &mut found.constant,
                "enum" => &mut found.allowed,
                "$ref" => &mut found.reference,
                "allOf" => &mut found.all_of,
                "anyOf" => &mut found.any_of,
                "oneOf" => &mut found.one_of,
                "not" => &mut found.not,
                "if" => &mut found.condition,
                "then" => &mut found.then,
                "else" => &mut found.otherwise,
                "properties" => &mut found.properties,
                "patternProperties" => &mut found.pattern_properties,
                "additionalProperties" => &mut found.additional_properties,
                "propertyNames" => &mut found.property_names,
                "required" => &mut found.required,
                "minProperties" => &mut found.min_properties,
                "maxProperties" => &mut found.max_properties,
                "dependentSchemas" => &mut found.dependent_schemas,
                "dependentRequired" => &mut found.dependent_required,
                "prefixItems" => &mut found.prefix_items,
                "items" => &mut found.items,
                "uniqueItems" => &mut found.unique_items,
                "minItems" => &mut found.min_items,
                "maxItems" => &mut found.max_items,
                "contains" => &mut found.contains,
                "minContains" => &mut found.min_contains,
                "maxContains" => &mut found.max_contains,
                "minLength" => &mut found.min_length,
                "maxLength" => &mut found.max_length,
                "pattern" => &mut found.pattern,
                "minimum" => &mut found.minimum,
                "maximum" => &mut found.maximum,
                "exclusiveMinimum" => &mut found.exclusive_minimum,
                "exclusiveMaximum" => &mut found.exclusive_maximum,
                "multipleOf" => &mut found.multiple_of,
                _ => continue,
            };
            *slot = Some(value);
        }
        found
    }
}
