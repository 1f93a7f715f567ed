//! Operations that clients read as resources.

use std::sync::OnceLock;

use jackfield_recipe::{TemplateValues, UriTemplate, VariableKind};
use serde_json::{Map, Value};

use super::completion_values::beginning_with;
use crate::call::held_rows::{ConnectorRows, ToolHandle};
use crate::call::rows::{Connector, Resource};
use crate::call::schema::self_contained;
use crate::engine::listing::ListedResource;
use crate::engine::shape::resolve;

/// The maximum number of subschemas that are searched for the values of a variable.
const MOST_FORMS: usize = 50;

/// The operations of a connector that are resources.
pub(crate) struct OperationResources {
    /// The resources, in the order of the tools.
    all: Vec<OperationResource>,
    /// Indexes into `all`, the most specific template first.
    by_specificity: Vec<usize>,
}

/// An operation that is a resource.
pub(crate) struct OperationResource {
    pub(crate) tool: ToolHandle,
    template: UriTemplate,
    /// The schemas of the arguments, which are parsed when they are first needed.
    schema: OnceLock<Map<String, Value>>,
}

impl OperationResources {
    pub(crate) fn of(rows: &ConnectorRows) -> Self {
        let all: Vec<OperationResource> = rows
            .tools()
            .filter_map(|tool| {
                let template = UriTemplate::parse_lenient(tool.get().resource?.uri);
                Some(OperationResource { tool, template, schema: OnceLock::new() })
            })
            .collect();
        let mut by_specificity: Vec<usize> = (0..all.len()).collect();
        by_specificity.sort_by_key(|at| std::cmp::Reverse(all[*at].template.literal_length()));
        Self { all, by_specificity }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &OperationResource> {
        self.all.iter()
    }

    /// Returns the most specific resource whose template matches a URI, with the values of the template's variables.
    pub(crate) fn find(&self, uri: &str) -> Option<(&OperationResource, TemplateValues)> {
        let mut resources = self.by_specificity.iter().map(|at| &self.all[*at]);
        resources.find_map(|resource| Some((resource, resource.template.matches(uri)?)))
    }

    /// Returns the resource whose URI template is `uri`.
    pub(crate) fn with_template(&self, uri: &str) -> Option<&OperationResource> {
        self.all.iter().find(|resource| resource.has_variables() && resource.row().uri == uri)
    }
}

impl OperationResource {
    /// Returns the table entry of the resource.
    pub(crate) fn row(&self) -> Resource<'_> {
        // Every tool that is a resource has this entry, so the fallback is never used.
        self.tool.get().resource.unwrap_or(Resource::new(""))
    }

    /// Whether the input schema lists possible values of any variable.
    pub(crate) fn completes_any(&self, connector: &Connector<'_>) -> bool {
        let mut variables = self.template.variables();
        variables.any(|variable| !self.completions(connector, &variable.name, "").is_empty())
    }

    fn has_variables(&self) -> bool {
        self.template.variables().next().is_some()
    }

    /// Returns the entries in the lists for clients. A resource with variables has an entry for its template. A resource that needs no
    /// variables has an entry for its URI without variables.
    pub(crate) fn listed(&self) -> impl Iterator<Item = ListedResource> + '_ {
        let (tool, row) = (self.tool.get(), self.row());
        let own = |own: &str, of_tool: &str| if own.is_empty() { of_tool.to_owned() } else { own.to_owned() };
        let entry = move |uri: String, is_template: bool| ListedResource {
            uri,
            is_template,
            name: tool.name.to_owned(),
            title: own(row.title, tool.title),
            description: own(row.description, tool.description),
            media_type: (!row.media_type.is_empty()).then(|| row.media_type.to_owned()),
            further: serde_json::Map::new(),
        };
        let fixed = self.template.without_variables().map(|uri| entry(uri, false));
        fixed.into_iter().chain(self.has_variables().then(|| entry(row.uri.to_owned(), true)))
    }

    /// Converts the values of template variables to the arguments of a call.
    pub(crate) fn arguments(&self, connector: &Connector<'_>, values: TemplateValues) -> Map<String, Value> {
        let mut arguments = Map::new();
        for (name, mut values) in values {
            let Some((argument, kind)) = self.argument(&name) else { continue };
            let schema = self.schema_of(connector, argument);
            let root = self.root(connector);
            let value = match (kind, values.pop()) {
                (VariableKind::Parameters, last) => {
                    let items = schema.and_then(|schema| schema.get("items"));
                    let values = values.iter().chain(&last);
                    Value::Array(values.map(|text| value_of(text, items, root)).collect())
                }
                (_, Some(text)) => value_of(&text, schema, root),
                (_, None) => continue,
            };
            arguments.insert(argument.to_owned(), value);
        }
        arguments
    }

    /// Returns the values of a variable that begin with `typed`.
    pub(crate) fn completions(&self, connector: &Connector<'_>, variable: &str, typed: &str) -> Vec<String> {
        let Some((argument, kind)) = self.argument(variable) else { return Vec::new() };
        let schema = self.schema_of(connector, argument);
        let schema = match kind {
            VariableKind::Parameters => schema.and_then(|schema| schema.get("items")),
            _ => schema,
        };
        let mut values = Vec::new();
        if let Some(schema) = schema {
            collect_values(schema, self.root(connector), &mut { MOST_FORMS }, &mut values);
        }
        beginning_with(typed, values.iter().map(String::as_str))
    }

    /// Returns the argument that a variable sets, and the kind of the variable.
    fn argument(&self, variable: &str) -> Option<(&str, VariableKind)> {
        let mut pairs = self.template.variables().zip(self.row().arguments);
        let found = pairs.find(|(known, _)| known.name == variable)?;
        Some((found.1, found.0.kind))
    }

    fn root(&self, connector: &Connector<'_>) -> &Map<String, Value> {
        self.schema.get_or_init(|| self_contained(connector, self.tool.get().input))
    }

    fn schema_of(&self, connector: &Connector<'_>, argument: &str) -> Option<&Value> {
        let root = self.root(connector);
        resolve(root.get("properties")?.get(argument)?, root)
    }
}

/// Converts a text from a URI to a value that fits the schema. If no conversion applies, the text remains a string, and the validation of
/// the call reports it.
fn value_of(text: &str, schema: Option<&Value>, root: &Map<String, Value>) -> Value {
    let mut types = Vec::new();
    if let Some(schema) = schema {
        let mut values = Vec::new();
        collect_json(schema, root, &mut { MOST_FORMS }, &mut values);
        if let Some(value) = values.into_iter().find(|value| text_of(value) == text) {
            return value;
        }
        collect_types(schema, root, &mut { MOST_FORMS }, &mut types);
    }
    let is_number = types.iter().any(|kind| kind == "integer" || kind == "number");
    if types.iter().any(|kind| kind == "string") || !is_number {
        return text.into();
    }
    // Only numbers in JSON syntax are converted: `+1` and ` 1` remain strings.
    match serde_json::from_str(text) {
        Ok(Value::Number(number)) if !text.starts_with(char::is_whitespace) => Value::Number(number),
        _ => text.into(),
    }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn collect_values(schema: &Value, root: &Map<String, Value>, left: &mut usize, found: &mut Vec<String>) {
    let mut values = Vec::new();
    collect_json(schema, root, left, &mut values);
    for value in values {
        let text = text_of(&value);
        if !found.contains(&text) {
            found.push(text);
        }
    }
}

/// Collects the values of `enum` and `const`, and true and false for booleans.
fn collect_json(schema: &Value, root: &Map<String, Value>, left: &mut usize, found: &mut Vec<Value>) {
    each_form(schema, root, left, &mut |form| {
        let listed = form.get("enum").and_then(Value::as_array).map(Vec::as_slice);
        let listed = listed.or(form.get("const").map(std::slice::from_ref));
        let is_shown = |value: &&Value| !value.is_object() && !value.is_array() && !value.is_null();
        match listed {
            Some(values) => found.extend(values.iter().filter(is_shown).cloned()),
            None if form.get("type").and_then(Value::as_str) == Some("boolean") => {
                found.extend([Value::Bool(true), Value::Bool(false)]);
            }
            None => {}
        }
    });
}

fn collect_types(schema: &Value, root: &Map<String, Value>, left: &mut usize, found: &mut Vec<String>) {
    each_form(schema, root, left, &mut |form| match form.get("type") {
        Some(Value::String(one)) => found.push(one.clone()),
        Some(Value::Array(several)) => {
            found.extend(several.iter().filter_map(Value::as_str).map(str::to_owned));
        }
        _ => {}
    });
}

/// Calls `visit` with a schema and each of its alternatives.
fn each_form(
    schema: &Value,
    root: &Map<String, Value>,
    left: &mut usize,
    visit: &mut dyn FnMut(&Map<String, Value>),
) {
    let Some(rest) = left.checked_sub(1) else { return };
    *left = rest;
    let Some(form) = resolve(schema, root).and_then(Value::as_object) else { return };
    visit(form);
    for keyword in ["oneOf", "anyOf", "allOf"] {
        for form in form.get(keyword).and_then(Value::as_array).into_iter().flatten() {
            each_form(form, root, left, visit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v1::{Group, Resource, Tool};
    use jackfield_recipe::Effect;
    use serde_json::json;

    const INPUT: &str = r##"{"type":"object","properties":{"id":{"type":"string"},"page-size":{"type":"integer"},
        "sort":{"enum":["asc","desc"]},"tags":{"type":"array","items":{"enum":["new","used"]}},"sold":{"type":"boolean"},
        "price":{"$ref":"#/$defs/Price"}},"required":["id"]}"##;
    static GET: Tool = Tool::new("get_book", "GET", "/books/{id}", |_, _| Ok(()))
        .input(INPUT)
        .description("Returns a book")
        .effect(Effect::Read)
        .resource(
            Resource::new("shop://api/books/{id}{?page_size,sort,tags*,sold,price}")
                .arguments(&["id", "page-size", "sort", "tags", "sold", "price"])
                .media_type("application/json"),
        );
    static LIST: Tool = Tool::new("list_books", "GET", "/books", |_, _| Ok(()))
        .resource(Resource::new("shop://api/books{?sort}").arguments(&["sort"]).title("Books").only());
    static NEWEST: Tool = Tool::new("newest", "GET", "/books/newest", |_, _| Ok(()))
        .resource(Resource::new("shop://api/books/newest"));
    static SHOP: Connector<'static> = Connector::new("shop")
        .groups(&[Group::new("books", &[&GET, &LIST, &NEWEST])])
        .schemas(&[crate::v1::Schema::new("Price", r#"{"oneOf":[{"type":"number"},{"type":"null"}]}"#)]);

    #[test]
    fn uri_is_converted_to_the_arguments_of_the_most_specific_resource() {
        let resources = OperationResources::of(&(&SHOP).into());
        for (uri, expected) in [
            ("shop://api/books/b%2F1", Some(("get_book", json!({ "id": "b/1" })))),
            (
                "shop://api/books/1?page_size=20&tags=new&tags=old&sold=true&price=1.5&sort=up",
                Some((
                    "get_book",
                    json!({ "id": "1", "page-size": 20, "tags": ["new", "old"], "sold": true, "price": 1.5, "sort": "up" }),
                )),
            ),
            (
                "shop://api/books/1?page_size=%201&sold=yes&tags=",
                Some(("get_book", json!({ "id": "1", "page-size": " 1", "sold": "yes", "tags": [""] }))),
            ),
            ("shop://api/books/newest", Some(("newest", json!({})))),
            ("shop://api/books?sort=asc", Some(("list_books", json!({ "sort": "asc" })))),
            ("shop://api/books", Some(("list_books", json!({})))),
            ("shop://api/books?page=2", None),
            ("shop://api/shelves", None),
        ] {
            let found = resources.find(uri).map(|(resource, values)| {
                (resource.tool.get().name, Value::Object(resource.arguments(&SHOP, values)))
            });
            assert_eq!(found, expected, "{uri}");
        }
    }

    #[test]
    fn resource_with_optional_variables_is_listed_as_uri_and_as_template() {
        let resources = OperationResources::of(&(&SHOP).into());
        let listed: Vec<_> = resources.iter().flat_map(OperationResource::listed).collect();
        let shown: Vec<_> =
            listed.iter().map(|it| (it.uri.as_str(), it.is_template, it.title.as_str())).collect();
        assert_eq!(
            shown,
            [
                ("shop://api/books/{id}{?page_size,sort,tags*,sold,price}", true, ""),
                ("shop://api/books", false, "Books"),
                ("shop://api/books{?sort}", true, "Books"),
                ("shop://api/books/newest", false, ""),
            ]
        );
        assert_eq!(listed[0].description, "Returns a book");
        assert_eq!(listed[0].media_type.as_deref(), Some("application/json"));
    }

    #[test]
    fn template_variables_are_completed_from_the_enumerations_in_their_schemas() {
        let resources = OperationResources::of(&(&SHOP).into());
        let resource = resources.with_template(GET.resource.unwrap().uri).unwrap();
        for (variable, typed, expected) in [
            ("sort", "", &["asc", "desc"][..]),
            ("sort", "D", &["desc"]),
            ("tags", "n", &["new"]),
            ("sold", "", &["true", "false"]),
            ("id", "", &[]),
            ("other", "", &[]),
        ] {
            assert_eq!(resource.completions(&SHOP, variable, typed), expected, "{variable} {typed}");
        }
        assert!(resources.with_template("shop://api/books/newest").is_none());
    }
}
