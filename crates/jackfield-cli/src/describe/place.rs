//! Where a text belongs: the target of an overlay action.

use std::collections::BTreeMap;

use jackfield_build::model::{Input, Location, Operation, Place, Pointer, Step, json_path_text};
use jackfield_build::{Document, Node};

/// A parameter of an operation that an overlay can describe.
pub(super) struct DescribedParameter<'d> {
    /// The name of the argument.
    pub(super) argument: String,
    /// The target of the action.
    pub(super) target: String,
    pub(super) node: Node<'d>,
}

/// The arguments of an operation that are parameters: the place and name of each, and the name of its argument.
pub(super) struct ParameterNames(Vec<(Location, String, String)>);

impl ParameterNames {
    pub(super) fn of(operation: &Operation) -> Self {
        let names = operation.recipe.iter().filter_map(|step| {
            let (location, wire, input) = match step {
                Step::Path { wire, input, .. } => (Location::Path, wire, input),
                Step::Query { wire, input, .. } => (Location::Query, wire, input),
                Step::Header { wire, input, .. } => (Location::Header, wire, input),
                Step::Cookie { wire, input, .. } => (Location::Cookie, wire, input),
                _ => return None,
            };
            let Input::Arg { arg, .. } = input else { return None };
            Some((location, wire.clone(), arg.clone()))
        });
        Self(names.collect())
    }

    fn argument(&self, location: &str, name: &str) -> Option<&str> {
        let location = match location {
            "path" => Location::Path,
            "query" => Location::Query,
            "header" => Location::Header,
            "cookie" => Location::Cookie,
            _ => return None,
        };
        let is_it = |(known, wire, _): &&(Location, String, String)| *known == location && wire == name;
        self.0.iter().find(is_it).map(|(.., argument)| argument.as_str())
    }
}

/// How many operations use each parameter.
pub(super) struct ParameterUses(BTreeMap<Place, usize>);

impl ParameterUses {
    /// Counts the parameters of operations, by the places of the operations.
    pub(super) fn of<'p>(document: &Document, operations: impl Iterator<Item = &'p Place>) -> Self {
        let mut uses = BTreeMap::new();
        for place in operations {
            for (_, parameter) in parameters(document, place) {
                if let Some(target) = parameter.target() {
                    *uses.entry(target.place()).or_default() += 1;
                }
            }
        }
        Self(uses)
    }
}

/// Whether an overlay can change the place: overlays change only the root file.
pub(super) fn is_in_root(document: &Document, place: &Place) -> bool {
    *document.root().place().file == *place.file
}

/// The parameters of an operation that only this operation uses, in the order of the document.
pub(super) fn own_parameters<'d>(
    document: &'d Document,
    operation: &Place,
    names: &ParameterNames,
    uses: &ParameterUses,
) -> Vec<DescribedParameter<'d>> {
    let mut found: Vec<DescribedParameter<'d>> = Vec::new();
    for (list, parameter) in parameters(document, operation) {
        let Some(node) = parameter.target() else { continue };
        let (Some(location), Some(name)) = (node.text("in"), node.text("name")) else { continue };
        let Some(argument) = names.argument(location, name) else { continue };
        let place = node.place();
        let is_shared = uses.0.get(&place).is_some_and(|uses| *uses > 1);
        if is_shared || !is_in_root(document, &place) || found.iter().any(|known| known.argument == argument)
        {
            continue;
        }
        let target = match place == parameter.place() {
            // A name finds the parameter after others were added before it; a number does not.
            true => format!(
                "{}[?@['name'] == {} && @['in'] == {}]",
                list.json_path(),
                json_path_text(name),
                json_path_text(location)
            ),
            false if place.pointer.tokens().any(|token| token.parse::<usize>().is_ok()) => continue,
            false => place.pointer.json_path(),
        };
        found.push(DescribedParameter { argument: argument.to_owned(), target, node });
    }
    found
}

/// The parameters of an operation and of its path, each with the list that contains it.
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
