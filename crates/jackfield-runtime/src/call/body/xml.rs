//! Serializes a value as XML, by the `xml` keywords of its schema.
//!
//! The shape is a JSON Schema that contains only `xml`, `properties`, `items`, and `$ref`s to its own `$defs`. A property
//! that the shape does not mention becomes an element with the property's name.

use std::fmt;

use jackfield_recipe::is_xml_name;
use serde_json::{Map, Value};

/// The maximum length of a chain of references.
const LONGEST_CHAIN: usize = 32;

/// The namespace of `xsi:nil`, which marks a null element.
const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The reason why a value cannot be expressed in XML, displayed as text that follows the argument's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum XmlError {
    /// The name of an element or attribute is not allowed in XML.
    Name(String),
    /// A property has several values, but in XML it has to be a single text.
    SeveralValues(String),
    ControlCharacter,
}

impl fmt::Display for XmlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(f, "contains `{name}`, which is not a valid XML name"),
            Self::SeveralValues(key) => {
                write!(f, "has several values in `{key}`, but XML allows only one there")
            }
            Self::ControlCharacter => f.write_str("contains a control character, which XML cannot express"),
        }
    }
}

impl std::error::Error for XmlError {}

/// Serializes the value as an XML document.
pub(super) fn write(shape: &str, value: &Value) -> Result<String, XmlError> {
    let root: Value = serde_json::from_str(shape).unwrap_or_default();
    let mut writer = Writer { root: &root, out: r#"<?xml version="1.0" encoding="UTF-8"?>"#.to_owned() };
    let shape = Shape { chain: writer.chain(&root) };
    let name = shape.name().unwrap_or("root");
    match value {
        // A document has exactly one root element, so an array at the root is always wrapped.
        Value::Array(items) => writer.list(name, &shape, items, true),
        value => writer.element(name, &shape, value),
    }?;
    Ok(writer.out)
}

struct Writer<'s> {
    root: &'s Value,
    out: String,
}

/// A schema, followed by the schemas that its references lead to. For each keyword, the first schema that contains the keyword applies.
struct Shape<'s> {
    chain: Vec<&'s Value>,
}

/// The kind of XML node that a property becomes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum NodeType {
    Element,
    Attribute,
    Text,
    CData,
    /// The property becomes no node: its children are written in its place.
    None,
}

impl<'s> Shape<'s> {
    fn hint(&self, key: &str) -> Option<&'s Value> {
        self.chain.iter().find_map(|schema| schema.get("xml")?.get(key))
    }

    fn text(&self, key: &str) -> Option<&'s str> {
        self.hint(key).and_then(Value::as_str)
    }

    fn name(&self) -> Option<&'s str> {
        self.text("name")
    }

    fn is_wrapped(&self) -> bool {
        self.hint("wrapped") == Some(&Value::Bool(true)) || self.text("nodeType") == Some("element")
    }

    fn node_type(&self) -> NodeType {
        match self.text("nodeType") {
            Some("attribute") => NodeType::Attribute,
            Some("text") => NodeType::Text,
            Some("cdata") => NodeType::CData,
            Some("none") => NodeType::None,
            _ if self.hint("attribute") == Some(&Value::Bool(true)) => NodeType::Attribute,
            _ => NodeType::Element,
        }
    }

    fn child(&self, key: &str) -> Option<&'s Value> {
        self.chain.iter().find_map(|schema| schema.get(key))
    }
}

impl<'s> Writer<'s> {
    fn chain(&self, schema: &'s Value) -> Vec<&'s Value> {
        let mut chain = vec![schema];
        while let Some(name) = chain.last().and_then(|it| it.get("$ref")?.as_str()?.strip_prefix("#/$defs/"))
            && let Some(target) = self.root.get("$defs").and_then(|defs| defs.get(name))
            && chain.len() < LONGEST_CHAIN
        {
            chain.push(target);
        }
        chain
    }

    fn shape(&self, schema: Option<&'s Value>) -> Shape<'s> {
        Shape { chain: schema.map(|schema| self.chain(schema)).unwrap_or_default() }
    }

    /// Writes a property as an element, or as one element for each item.
    fn property(&mut self, name: &str, shape: &Shape<'s>, value: &Value) -> Result<(), XmlError> {
        match (value, shape.node_type()) {
            (Value::Array(items), _) => self.list(name, shape, items, shape.is_wrapped()),
            (Value::Object(fields), NodeType::None) => self.children(shape, fields),
            (value, _) => self.element(shape.name().unwrap_or(name), shape, value),
        }
    }

    /// Writes an array. The XML name of the array's schema names the wrapper element. The items use their own XML name, or
    /// else the name of the array.
    fn list(
        &mut self,
        name: &str,
        shape: &Shape<'s>,
        items: &[Value],
        wrapped: bool,
    ) -> Result<(), XmlError> {
        let outer = if wrapped { shape.name().unwrap_or(name) } else { name };
        let item_shape = self.shape(shape.child("items"));
        if !wrapped {
            return items.iter().try_for_each(|item| self.property(outer, &item_shape, item));
        }
        let tag = self.open(outer, shape, &Map::new())?;
        self.out.push('>');
        let start = self.out.len();
        items.iter().try_for_each(|item| self.property(outer, &item_shape, item))?;
        self.close(&tag, start);
        Ok(())
    }

    fn element(&mut self, name: &str, shape: &Shape<'s>, value: &Value) -> Result<(), XmlError> {
        let none = Map::new();
        let tag = self.open(name, shape, value.as_object().unwrap_or(&none))?;
        if value.is_null() {
            self.out.push_str(&format!(" xmlns:xsi=\"{INSTANCE}\" xsi:nil=\"true\"/>"));
            return Ok(());
        }
        self.out.push('>');
        let start = self.out.len();
        match value {
            Value::Object(fields) => self.children(shape, fields)?,
            scalar => self.out.push_str(&escape(&crate::call::encode::text(scalar), false)?),
        }
        self.close(&tag, start);
        Ok(())
    }

    /// Writes all properties that are not attributes.
    fn children(&mut self, shape: &Shape<'s>, fields: &Map<String, Value>) -> Result<(), XmlError> {
        let properties = shape.child("properties");
        for (key, value) in fields {
            let child = self.shape(properties.and_then(|properties| properties.get(key)));
            match child.node_type() {
                NodeType::Attribute => {}
                NodeType::Text => {
                    let text = escape(&scalar(key, value)?, false)?;
                    self.out.push_str(&text);
                }
                NodeType::CData => {
                    let text = legal(&scalar(key, value)?)?.replace("]]>", "]]]]><![CDATA[>");
                    // A carriage return is escaped, because an XML parser would convert it to a line feed (XML 1.0, 2.11).
                    let text = text.replace('\r', "]]>&#13;<![CDATA[");
                    self.out.push_str(&format!("<![CDATA[{text}]]>"));
                }
                NodeType::Element | NodeType::None => self.property(key, &child, value)?,
            }
        }
        Ok(())
    }

    /// Writes `<p:name xmlns:p="…" id="…"`, without `>`. Returns the name for the end tag.
    fn open(
        &mut self,
        name: &str,
        shape: &Shape<'s>,
        fields: &Map<String, Value>,
    ) -> Result<String, XmlError> {
        let mut declared: Vec<(&str, &str)> = Vec::new();
        let tag = qualified(name, shape, &mut declared)?;
        let mut attributes = String::new();
        self.attributes(shape, fields, &mut declared, &mut attributes)?;
        self.out.push_str(&format!("<{tag}"));
        for (prefix, namespace) in declared {
            let colon = if prefix.is_empty() { "" } else { ":" };
            let namespace = escape(namespace, true)?;
            self.out.push_str(&format!(" xmlns{colon}{prefix}=\"{namespace}\""));
        }
        self.out.push_str(&attributes);
        Ok(tag)
    }

    /// Collects the attributes among the properties, and among the children of properties that do not become an XML node themselves.
    fn attributes(
        &self,
        shape: &Shape<'s>,
        fields: &Map<String, Value>,
        declared: &mut Vec<(&'s str, &'s str)>,
        out: &mut String,
    ) -> Result<(), XmlError> {
        let properties = shape.child("properties");
        for (key, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
            let child = self.shape(properties.and_then(|properties| properties.get(key)));
            match (child.node_type(), value) {
                (NodeType::Attribute, value) => {
                    let name = qualified(child.name().unwrap_or(key), &child, declared)?;
                    let value = escape(&scalar(key, value)?, true)?;
                    out.push_str(&format!(" {name}=\"{value}\""));
                }
                (NodeType::None, Value::Object(fields)) => self.attributes(&child, fields, declared, out)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Closes the element whose content began at `start`.
    fn close(&mut self, tag: &str, start: usize) {
        if self.out.len() == start {
            self.out.pop();
            self.out.push_str("/>");
        } else {
            self.out.push_str(&format!("</{tag}>"));
        }
    }
}

/// Returns the name with its prefix. The namespace is declared on the first element that needs it.
fn qualified<'s>(
    name: &str,
    shape: &Shape<'s>,
    declared: &mut Vec<(&'s str, &'s str)>,
) -> Result<String, XmlError> {
    let prefix = shape.text("prefix").filter(|prefix| !prefix.is_empty());
    let full = prefix.map_or_else(|| name.to_owned(), |prefix| format!("{prefix}:{name}"));
    if !is_name(&full, shape) {
        return Err(XmlError::Name(name.to_owned()));
    }
    // A default namespace does not apply to attributes.
    let is_open = prefix.is_some() || shape.node_type() != NodeType::Attribute;
    if let Some(namespace) = shape.text("namespace").filter(|_| is_open) {
        let prefix = prefix.unwrap_or_default();
        if !declared.iter().any(|(known, _)| *known == prefix) {
            declared.push((prefix, namespace));
        }
    }
    Ok(full)
}

/// Whether a text is a valid XML name. A prefix in an argument's name would have no namespace declaration, so only the
/// document may set a prefix.
fn is_name(text: &str, shape: &Shape<'_>) -> bool {
    match text.split_once(':') {
        Some((prefix, name)) => !shape.chain.is_empty() && is_xml_name(prefix) && is_xml_name(name),
        None => is_xml_name(text),
    }
}

fn scalar(key: &str, value: &Value) -> Result<String, XmlError> {
    match value {
        Value::Array(_) | Value::Object(_) => Err(XmlError::SeveralValues(key.to_owned())),
        scalar => Ok(crate::call::encode::text(scalar)),
    }
}

/// Refuses control characters, which XML cannot express even as escapes.
fn legal(text: &str) -> Result<&str, XmlError> {
    let illegal = |c: char| {
        (c.is_ascii_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{7F}'))
            || matches!(c, '\u{FFFE}' | '\u{FFFF}')
    };
    match text.contains(illegal) {
        true => Err(XmlError::ControlCharacter),
        false => Ok(text),
    }
}

fn escape(text: &str, attribute: bool) -> Result<String, XmlError> {
    let mut out = String::with_capacity(text.len());
    for c in legal(text)?.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#13;"),
            '"' if attribute => out.push_str("&quot;"),
            '\n' if attribute => out.push_str("&#10;"),
            '\t' if attribute => out.push_str("&#9;"),
            c => out.push(c),
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn xml(shape: Value, value: Value) -> Result<String, XmlError> {
        let text = write(&shape.to_string(), &value)?;
        Ok(text.strip_prefix(r#"<?xml version="1.0" encoding="UTF-8"?>"#).unwrap().to_owned())
    }

    #[test]
    fn property_without_xml_keywords_becomes_an_element() {
        let shape = json!({ "xml": { "name": "book" } });
        let value = json!({ "title": "a<b>&\"c\"", "tags": ["x", "y"], "size": { "w": 1.5 }, "note": null, "empty": "" });
        assert_eq!(
            xml(shape.clone(), value).unwrap(),
            "<book><title>a&lt;b&gt;&amp;\"c\"</title><tags>x</tags><tags>y</tags><size><w>1.5</w></size>\
             <note xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"true\"/><empty/></book>"
        );
        assert_eq!(xml(shape, json!({})).unwrap(), "<book/>");
    }

    #[test]
    fn xml_keywords_set_names_attributes_and_namespaces() {
        let shape = json!({
            "xml": { "name": "order", "prefix": "o", "namespace": "urn:o" },
            "properties": {
                "id": { "xml": { "attribute": true } },
                "lang": { "xml": { "attribute": true, "prefix": "x", "namespace": "urn:x", "name": "l" } },
                "by": { "xml": { "name": "customer", "prefix": "o" } },
                "text": { "xml": { "nodeType": "cdata" } },
            },
        });
        assert_eq!(
            xml(shape.clone(), json!({ "by": "Ada", "lang": "de", "id": "a\"\n", "text": "]]>" })).unwrap(),
            "<o:order xmlns:o=\"urn:o\" xmlns:x=\"urn:x\" x:l=\"de\" id=\"a&quot;&#10;\">\
             <o:customer>Ada</o:customer><![CDATA[]]]]><![CDATA[>]]></o:order>"
        );
        assert_eq!(
            xml(shape, json!({ "text": "a\rb" })).unwrap(),
            "<o:order xmlns:o=\"urn:o\"><![CDATA[a]]>&#13;<![CDATA[b]]></o:order>"
        );
    }

    #[test]
    fn xml_attributes_of_a_property_with_node_type_none_move_to_the_parent() {
        let shape = json!({ "xml": { "name": "r" }, "properties": { "p": {
            "xml": { "nodeType": "none" },
            "properties": { "id": { "xml": { "attribute": true } } },
        } } });
        assert_eq!(xml(shape, json!({ "p": { "id": 1, "v": 2 } })).unwrap(), "<r id=\"1\"><v>2</v></r>");
    }

    #[test]
    fn array_is_wrapped_and_named_in_xml_as_openapi_defines() {
        let list = |array: Value, items: Value| {
            let shape = json!({
                "xml": { "name": "r" },
                "properties": { "animals": { "xml": array, "items": { "xml": items } } },
            });
            xml(shape, json!({ "animals": ["a", "b"] })).unwrap()
        };
        let aliens = json!({ "name": "aliens" });
        let wrapped = json!({ "wrapped": true });
        let animal = json!({ "name": "animal" });
        assert_eq!(list(json!({}), animal.clone()), "<r><animal>a</animal><animal>b</animal></r>");
        assert_eq!(list(aliens, animal.clone()), "<r><animal>a</animal><animal>b</animal></r>");
        assert_eq!(
            list(wrapped.clone(), json!({})),
            "<r><animals><animals>a</animals><animals>b</animals></animals></r>"
        );
        assert_eq!(list(wrapped, animal), "<r><animals><animal>a</animal><animal>b</animal></animals></r>");
        assert_eq!(
            list(json!({ "name": "aliens", "wrapped": true }), json!({})),
            "<r><aliens><aliens>a</aliens><aliens>b</aliens></aliens></r>"
        );
        assert_eq!(
            xml(json!({ "xml": { "name": "books" }, "items": { "xml": { "name": "book" } } }), json!([1, 2]))
                .unwrap(),
            "<books><book>1</book><book>2</book></books>"
        );
        assert_eq!(xml(json!({ "xml": { "name": "books" } }), json!([])).unwrap(), "<books/>");
    }

    #[test]
    fn xml_of_a_circular_reference_terminates() {
        let shape = json!({
            "$ref": "#/$defs/Shelf",
            "xml": { "name": "top" },
            "$defs": { "Shelf": { "xml": { "name": "shelf" }, "properties": {
                "inside": { "items": { "$ref": "#/$defs/Shelf" } },
                "id": { "xml": { "attribute": true } },
            } }, "Loop": { "$ref": "#/$defs/Loop" } },
        });
        let value = json!({ "id": 1, "inside": [{ "id": 2, "inside": [{ "id": 3 }] }] });
        assert_eq!(
            xml(shape, value).unwrap(),
            "<top id=\"1\"><shelf id=\"2\"><shelf id=\"3\"/></shelf></top>"
        );
        let circle = json!({ "$ref": "#/$defs/A", "$defs": { "A": { "$ref": "#/$defs/A" } } });
        assert_eq!(xml(circle, json!(1)).unwrap(), "<root>1</root>");
    }

    #[test]
    fn value_that_xml_cannot_express_is_refused() {
        for value in [
            json!({ "a b": 1 }),
            json!({ "a><b": 1 }),
            json!({ "1": 1 }),
            json!({ "": 1 }),
            json!({ "a:b": 1 }),
            json!({ "a:b:c": 1 }),
            json!({ "m²": 1 }),
            json!({ "a": "\u{0}" }),
            json!({ "id": ["x"] }),
        ] {
            let shape =
                json!({ "xml": { "name": "r" }, "properties": { "id": { "xml": { "attribute": true } } } });
            assert!(xml(shape, value.clone()).is_err(), "{value}");
        }
    }
}
