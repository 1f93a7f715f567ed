//! Finds the target of the overlay action for a text.

use std::collections::BTreeMap;

use jackfield_build::model::{Input, Location, Operation, Place, Pointer, Step, json_path_text};
use jackfield_build::{Document, Node};

/// A parameter or a property of a body that an overlay can describe.
pub(super) struct DescribedArgument<'d> {
    /// The name of the argument.
    pub(super) argument: String,
    /// The target of the action.
    pub(super) target: String,
    pub(super) node: Node<'d>,
    /// Whether the definition is outside the operation, so that other operations may share it.
    is_component: bool,
}

/// The arguments of an operation that are parameters or properties of the body, with their names in the document.
#[derive(Default)]
pub(super) struct ArgumentNames {
    /// The location and name of each parameter, and the name of its argument.
    parameters: Vec<(Location, String, String)>,
    /// The name of each property, and of its argument.
    properties: Vec<(String, String)>,
    media_type: Option<String>,
}

impl ArgumentNames {
    pub(super) fn of(operation: &Operation) -> Self {
        let media_type = operation.body.as_ref().map(|body| body.media_type.clone());
        let mut names = Self { media_type, ..Self::default() };
        for step in &operation.recipe {
            let (location, wire, input) = match step {
                Step::Path { wire, input, .. } => (Some(Location::Path), wire, input),
                Step::Query { wire, input, .. } => (Some(Location::Query), wire, input),
                Step::Header { wire, input, .. } => (Some(Location::Header), wire, input),
                Step::Cookie { wire, input, .. } => (Some(Location::Cookie), wire, input),
                Step::JsonField { wire, input }
                | Step::FormField { wire, input, .. }
                | Step::Part { wire, input, .. } => (None, wire, input),
                _ => continue,
            };
            let Input::Arg { arg, .. } = input else { continue };
            match location {
                Some(location) => names.parameters.push((location, wire.clone(), arg.clone())),
                None => names.properties.push((wire.clone(), arg.clone())),
            }
        }
        names
    }

    fn parameter(&self, location: &str, name: &str) -> Option<&str> {
        let location = match location {
            "path" => Location::Path,
            "query" => Location::Query,
            "header" => Location::Header,
            "cookie" => Location::Cookie,
            _ => return None,
        };
        let is_it = |(known, wire, _): &&(Location, String, String)| *known == location && wire == name;
        self.parameters.iter().find(is_it).map(|(.., argument)| argument.as_str())
    }
}

/// The operations that use each parameter and property, by the position of its definition.
#[derive(Default)]
pub(super) struct Uses(BTreeMap<Place, Vec<String>>);

impl Uses {
    /// Adds the arguments of an operation.
    pub(super) fn add(&mut self, document: &Document, operation: &Place, names: &ArgumentNames, route: &str) {
        for argument in arguments(document, operation, names) {
            self.0.entry(argument.node.place()).or_default().push(route.to_owned());
        }
    }

    /// Returns the operations that share the description of an argument, if the argument is defined outside the operation.
    pub(super) fn sharing(&self, argument: &DescribedArgument<'_>) -> Option<&[String]> {
        let users = self.0.get(&argument.node.place()).map_or(&[][..], Vec::as_slice);
        (users.len() > 1 || argument.is_component).then_some(users)
    }
}

/// Returns whether an overlay can change the node. Overlays change only the root file.
pub(super) fn is_in_root(document: &Document, place: &Place) -> bool {
    *document.root().place().file == *place.file
}

/// Returns the parameters of an operation, and then the properties of its body, in the order of the document.
pub(super) fn arguments<'d>(
    document: &'d Document,
    operation: &Place,
    names: &ArgumentNames,
) -> Vec<DescribedArgument<'d>> {
    let mut found: Vec<DescribedArgument<'d>> = Vec::new();
    for (list, parameter) in parameters(document, operation) {
        let Some(node) = parameter.target() else { continue };
        let (Some(location), Some(name)) = (node.text("in"), node.text("name")) else { continue };
        let Some(argument) = names.parameter(location, name) else { continue };
        let place = node.place();
        if !is_in_root(document, &place) || found.iter().any(|known| known.argument == argument) {
            continue;
        }
        let target = match place == parameter.place() {
            // A filter by name still finds the parameter if other parameters are added before it. An index would not.
            true => format!(
                "{}[?@['name'] == {} && @['in'] == {}]",
                list.json_path(),
                json_path_text(name),
                json_path_text(location)
            ),
            false => match named_path(&place) {
                Some(path) => path,
                None => continue,
            },
        };
        found.push(DescribedArgument { argument: argument.to_owned(), target, node, is_component: false });
    }
    let properties = body_schema(document, operation, names).and_then(|schema| schema.get("properties"));
    for (wire, argument) in &names.properties {
        let Some(node) = properties.as_ref().and_then(|all| all.get(wire)) else { continue };
        let place = node.place();
        // OpenAPI 3.0 ignores keys beside `$ref`, such as a description.
        if node.text("$ref").is_some() || node.as_object().is_none() || !is_in_root(document, &place) {
            continue;
        }
        let Some(target) = named_path(&place) else { continue };
        let is_component = !place.pointer.as_str().starts_with(operation.pointer.as_str());
        found.push(DescribedArgument { argument: argument.clone(), target, node, is_component });
    }
    found
}

/// Returns the path to a node. Returns `None` if the path contains an index, because the index could refer to another
/// node after a change of the document.
fn named_path(place: &Place) -> Option<String> {
    let has_number = place.pointer.tokens().any(|token| token.parse::<usize>().is_ok());
    (!has_number).then(|| place.pointer.json_path())
}

/// Returns the schema of the request body that calls of an operation send.
fn body_schema<'d>(document: &'d Document, operation: &Place, names: &ArgumentNames) -> Option<Node<'d>> {
    let body = document.node(operation)?.get("requestBody")?.target()?;
    body.get("content")?.get(names.media_type.as_deref()?)?.get("schema")?.target()
}

/// Returns the parameters of an operation and of its path item, each with the pointer to the array that contains the parameter.
fn parameters<'d>(document: &'d Document, operation: &Place) -> Vec<(Pointer, Node<'d>)> {
    let item = operation
        .pointer
        .as_str()
        .rsplit_once('/')
        .map(|(item, _)| Place { file: operation.file.clone(), pointer: Pointer::from_escaped(item) });
    let around = [Some(operation.clone()), item];
    let nodes = around.into_iter().flatten().filter_map(|place| document.node(&place));
    nodes
        .filter_map(|node| node.get("parameters"))
        .flat_map(|list| {
            let pointer = list.place().pointer;
            list.items().map(move |item| (pointer.clone(), item)).collect::<Vec<_>>()
        })
        .collect()
}
