//! The lines of the document that declare an operation: its parameters, body, server and security.

use std::collections::BTreeMap;

use jackfield_model::{Location, Operation, Place, Pointer};
use jackfield_openapi::{Document, Node};

/// The maximum number of schemas of a body that are searched for properties.
const MOST_SCHEMAS: usize = 500;

/// A part of an operation that has a place in the document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PlaceKey {
    /// The operation.
    Operation,
    /// The list of servers that the operation uses.
    Server,
    /// The security requirements of the operation.
    Security,
    /// The responses.
    Responses,
    /// The request body.
    Body,
    /// A property, field or part of the body.
    BodyPart(String),
    /// A parameter.
    Parameter(Location, String),
}

/// The positions of the parts of an operation, such as `openapi.yaml:12`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OperationPlaces(BTreeMap<PlaceKey, String>);

impl OperationPlaces {
    /// Finds the places of an operation.
    pub fn of(document: &Document, operation: &Operation) -> Self {
        let mut search = Search { places: BTreeMap::new(), schemas: 0 };
        search.add(PlaceKey::Operation, &operation.place);
        if let Some(node) = document.node(&operation.place) {
            let item = parent(&operation.place).and_then(|place| document.node(&place));
            search.operation(&document.root(), item.as_ref(), &node);
        }
        Self(positions(document, search.places))
    }

    /// Returns the position of a part, or `None` if the document does not contain it literally.
    pub fn get(&self, key: &PlaceKey) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// Returns the position of a place in the document, such as the place of a security scheme.
    pub fn position(document: &Document, place: &Place) -> Option<String> {
        positions(document, BTreeMap::from([((), place.clone())])).remove(&())
    }
}

/// Returns the position of each place. Each file is scanned once.
fn positions<K: Ord>(document: &Document, places: BTreeMap<K, Place>) -> BTreeMap<K, String> {
    let mut left: Vec<(K, Place)> = places.into_iter().collect();
    let mut found = BTreeMap::new();
    for source in document.sources() {
        let (here, others): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|(_, place)| place.file == *source.name());
        left = others;
        let pointers: Vec<&Pointer> = here.iter().map(|(_, place)| &place.pointer).collect();
        let located = source.locate_all(&pointers);
        for ((key, place), position) in here.into_iter().zip(located) {
            if let Some(position) = position {
                found.insert(key, format!("{}:{}", place.file, position.line));
            }
        }
    }
    found
}

/// Returns the place of the enclosing mapping or list.
fn parent(place: &Place) -> Option<Place> {
    let (parent, _) = place.pointer.as_str().rsplit_once('/')?;
    Some(Place { file: place.file.clone(), pointer: Pointer::from_escaped(parent) })
}

struct Search {
    places: BTreeMap<PlaceKey, Place>,
    schemas: usize,
}

impl Search {
    /// Adds the place of a part, unless the part already has one. The operation's parts are added before the parts of
    /// its path item, which they override.
    fn add(&mut self, key: PlaceKey, place: &Place) {
        self.places.entry(key).or_insert_with(|| place.clone());
    }

    fn operation(&mut self, root: &Node<'_>, item: Option<&Node<'_>>, operation: &Node<'_>) {
        let around = [Some(operation), item];
        for node in around.into_iter().flatten() {
            for parameter in node.get("parameters").iter().flat_map(|list| list.items().collect::<Vec<_>>()) {
                self.parameter(&parameter);
            }
        }
        let servers = [Some(operation), item, Some(root)].into_iter().flatten();
        let server = servers.clone().find_map(|node| node.get("servers")).or_else(|| root.get("host"));
        let security = [operation, root].into_iter().find_map(|node| node.get("security"));
        let parts = [
            (PlaceKey::Server, server),
            (PlaceKey::Security, security),
            (PlaceKey::Responses, operation.get("responses")),
        ];
        for (key, node) in parts {
            node.into_iter().for_each(|node| self.add(key.clone(), &node.place()));
        }
        if let Some(body) = operation.get("requestBody") {
            self.add(PlaceKey::Body, &body.place());
            let content = body.target().and_then(|body| body.get("content"));
            for (_, media_type) in content.iter().flat_map(Node::entries) {
                media_type.get("schema").iter().for_each(|schema| self.schema(schema));
            }
        }
    }

    fn parameter(&mut self, node: &Node<'_>) {
        let Some(target) = node.target() else { return };
        let (Some(location), Some(name)) = (target.text("in"), target.text("name")) else { return };
        let place = target.place();
        let location = match location {
            "path" => Location::Path,
            "query" | "querystring" => Location::Query,
            "header" => Location::Header,
            "cookie" => Location::Cookie,
            "formData" => return self.add(PlaceKey::BodyPart(name.to_owned()), &place),
            "body" => {
                self.add(PlaceKey::Body, &place);
                target.get("schema").iter().for_each(|schema| self.schema(schema));
                return;
            }
            _ => return,
        };
        self.add(PlaceKey::Parameter(location, name.to_owned()), &place);
    }

    /// Collects the properties of a schema and of the schemas that it combines.
    fn schema(&mut self, node: &Node<'_>) {
        self.schemas += 1;
        if self.schemas > MOST_SCHEMAS {
            return;
        }
        let Some(target) = node.target() else { return };
        for (name, property) in target.get("properties").iter().flat_map(Node::entries) {
            self.add(PlaceKey::BodyPart(name.to_owned()), &property.place());
        }
        for keyword in ["allOf", "oneOf", "anyOf"] {
            let parts = target.get(keyword);
            for part in parts.iter().flat_map(|list| list.items().collect::<Vec<_>>()) {
                self.schema(&part);
            }
        }
    }
}
