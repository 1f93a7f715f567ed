//! The methods of [`Request`] with which mapping functions fill the body.

use jackfield_recipe::{Encoding, Payload, Step};
use serde_json::Value;

use super::{Body, Content, Part, Spelling, multipart, xml};
use crate::call::args::{ArgError, Input};
use crate::call::argument_problem::ArgumentProblem;
use crate::call::encode::{self, Keep};
use crate::call::request::{Request, divided, header_text};

impl Request {
    /// Sets the media type of a body that does not have the default media type of its kind. For a body of bytes, `media_type` can list
    /// several media types, or ranges such as `image/*`.
    pub fn content_type(&mut self, media_type: &str) {
        if self.records(|| Step::ContentType { media_type: media_type.to_owned() }) {
            return;
        }
        self.content_type = Some(media_type.to_owned());
    }

    /// Writes the body as XML instead of JSON. `shape` is the schema of the body, reduced to the keywords that XML needs.
    pub fn xml(&mut self, shape: &str) {
        if self.records(|| Step::Xml { shape: shape.to_owned() }) {
            return;
        }
        self.spelling = Spelling::Xml(shape.to_owned());
    }

    /// Writes the body as JSON lines: one line for each item of an array.
    pub fn json_lines(&mut self) {
        if self.records(|| Step::JsonLines) {
            return;
        }
        self.spelling = Spelling::Lines;
    }

    /// Sends a JSON object, even if no property is set.
    pub fn json_object(&mut self) {
        if self.records(|| Step::JsonObject) {
            return;
        }
        self.body.fields();
    }

    /// Sets a property of a JSON object. An explicit null is sent as null.
    pub fn json_field(&mut self, wire: &str, input: Input<'_>) -> Result<(), ArgError> {
        if self.records(|| Step::JsonField { wire: wire.to_owned(), input: input.recorded() }) {
            return Ok(());
        }
        if let Some(value) = input.value()? {
            self.body.fields().insert(wire.to_owned(), value.clone());
        }
        Ok(())
    }

    /// Sends the argument as the whole JSON body.
    pub fn json_body(&mut self, input: Input<'_>) -> Result<(), ArgError> {
        if self.records(|| Step::JsonBody { input: input.recorded() }) {
            return Ok(());
        }
        if let Some(value) = input.value()? {
            self.body = Body::Json(value.clone());
        }
        Ok(())
    }

    /// Sends a form, even if no field is set.
    pub fn form(&mut self) {
        if self.records(|| Step::Form) {
            return;
        }
        self.body.pairs();
    }

    /// Sends objects in form fields as JSON text instead of in bracket notation.
    pub fn form_json(&mut self) {
        if self.records(|| Step::FormJson) {
            return;
        }
        self.form_json = true;
    }

    /// Adds a field to a form. An array repeats the name, and nested values use bracket notation.
    pub fn form_field(&mut self, wire: &str, input: Input<'_>) -> Result<(), ArgError> {
        if self.records(|| Step::FormField { wire: wire.to_owned(), input: input.recorded(), encoding: None })
        {
            return Ok(());
        }
        let encoding = input.present()?.map_or(Encoding::FORM, |value| usual(value, self.form_json));
        self.form_field_as(wire, input, encoding)
    }

    /// Adds a field to a form, in the given encoding.
    pub fn form_field_as(
        &mut self,
        wire: &str,
        input: Input<'_>,
        encoding: Encoding,
    ) -> Result<(), ArgError> {
        if self.records(|| Step::FormField {
            wire: wire.to_owned(),
            input: input.recorded(),
            encoding: Some(encoding),
        }) {
            return Ok(());
        }
        if let Some(value) = input.present()? {
            divided(value, encoding, Keep::of(encoding), &input)?;
            self.body.pairs().extend(encode::pairs(wire, value, encoding, Keep::of(encoding)));
        }
        Ok(())
    }

    /// Sends the argument's properties as a form. The items of an array become fields with the same name. Nested values use bracket
    /// notation.
    pub fn form_body(&mut self, input: Input<'_>) -> Result<(), ArgError> {
        self.form_body_as(input, &[])
    }

    /// Sends the argument's properties as a form. `known` contains the encodings that differ from the default, by property.
    pub fn form_body_as(&mut self, input: Input<'_>, known: &[(&str, Encoding)]) -> Result<(), ArgError> {
        let recorded = || known.iter().map(|(name, encoding)| ((*name).to_owned(), *encoding)).collect();
        if self.records(|| Step::FormBody { input: input.recorded(), fields: recorded() }) {
            return Ok(());
        }
        let Some(fields) = fields(&input)? else { return Ok(()) };
        let form_json = self.form_json;
        let pairs = self.body.pairs();
        for (name, value) in fields {
            let said = known.iter().find(|(known, _)| known == name).map(|(_, encoding)| *encoding);
            let encoding = said.unwrap_or_else(|| usual(value, form_json));
            divided(value, encoding, Keep::of(encoding), &input)?;
            pairs.extend(encode::pairs(name, value, encoding, Keep::of(encoding)));
        }
        Ok(())
    }

    /// Sends a multipart body, even if no part is set.
    pub fn multipart(&mut self) {
        if self.records(|| Step::Multipart) {
            return;
        }
        self.body.parts();
    }

    /// Adds a part, or one part for each item of an array. `media_type` is the media type in the document. If it is empty,
    /// the media type depends on the value.
    pub fn part(
        &mut self,
        wire: &str,
        input: Input<'_>,
        payload: Payload,
        media_type: &str,
    ) -> Result<(), ArgError> {
        if self.records(|| Step::Part {
            wire: wire.to_owned(),
            input: input.recorded(),
            payload,
            media_type: media_type.to_owned(),
        }) {
            return Ok(());
        }
        match input.present()? {
            Some(value) => self.add_parts(wire, value, payload, media_type, &input),
            None => Ok(()),
        }
    }

    /// Encodes the argument like a form field, and adds a part for each resulting pair.
    pub fn part_fields(&mut self, wire: &str, input: Input<'_>, encoding: Encoding) -> Result<(), ArgError> {
        if self.records(|| Step::PartFields { wire: wire.to_owned(), input: input.recorded(), encoding }) {
            return Ok(());
        }
        if let Some(value) = input.present()? {
            divided(value, encoding, Keep::All, &input)?;
            for (name, text) in encode::pairs(wire, value, encoding, Keep::All) {
                self.body.parts().push(Part::new(&name, Payload::Text, Content::text(text)));
            }
        }
        Ok(())
    }

    /// Adds an XML part, or one part for each item of an array. `shape` is the schema of the part, reduced to the keywords that XML needs.
    pub fn xml_part(
        &mut self,
        wire: &str,
        input: Input<'_>,
        media_type: &str,
        shape: &str,
    ) -> Result<(), ArgError> {
        if self.records(|| Step::XmlPart {
            wire: wire.to_owned(),
            input: input.recorded(),
            media_type: media_type.to_owned(),
            shape: shape.to_owned(),
        }) {
            return Ok(());
        }
        for value in input.present()?.map(each).unwrap_or_default() {
            let text = xml::write(shape, value).map_err(|error| input.error(error))?;
            let content = Content { media_type: media_type.to_owned(), ..Content::text(text) };
            self.body.parts().push(Part::new(wire, Payload::Text, content));
        }
        Ok(())
    }

    /// Adds a header to all parts with the given name. If there is no such part, a header with a constant value is ignored, and a header
    /// whose value is an argument is an error.
    pub fn part_header(
        &mut self,
        part: &str,
        wire: &str,
        input: Input<'_>,
        encoding: Encoding,
    ) -> Result<(), ArgError> {
        if self.records(|| Step::PartHeader {
            part: part.to_owned(),
            wire: wire.to_owned(),
            input: input.recorded(),
            encoding,
        }) {
            return Ok(());
        }
        let Some(text) = header_text(wire, &input, encoding)? else { return Ok(()) };
        let headed = match &mut self.body {
            Body::Multipart(parts) => multipart::head(parts, part, wire, &text),
            _ => 0,
        };
        if headed == 0 && !input.is_fixed() {
            return Err(input.error(ArgumentProblem::AbsentPart(part.to_owned())));
        }
        Ok(())
    }

    /// Sends the argument's properties as parts. Values that are not scalars are sent as JSON.
    pub fn multipart_body(&mut self, input: Input<'_>) -> Result<(), ArgError> {
        self.multipart_body_as(input, &[])
    }

    /// Sends the argument's properties as parts. `known` contains the encodings that differ from the default, by property.
    pub fn multipart_body_as(
        &mut self,
        input: Input<'_>,
        known: &[(&str, Payload, &str)],
    ) -> Result<(), ArgError> {
        let recorded = || {
            known
                .iter()
                .map(|(name, payload, kind)| ((*name).to_owned(), *payload, (*kind).to_owned()))
                .collect()
        };
        if self.records(|| Step::MultipartBody { input: input.recorded(), parts: recorded() }) {
            return Ok(());
        }
        let Some(fields) = fields(&input)? else { return Ok(()) };
        self.body.parts();
        for (name, value) in fields {
            let said = known.iter().find(|(known, ..)| known == name);
            let implied = if is_deep(value) { Payload::Json } else { Payload::Text };
            let (payload, media_type) = said.map_or((implied, ""), |(_, payload, media)| (*payload, *media));
            self.add_parts(name, value, payload, media_type, &input)?;
        }
        Ok(())
    }

    fn add_parts(
        &mut self,
        wire: &str,
        value: &Value,
        payload: Payload,
        media_type: &str,
        input: &Input<'_>,
    ) -> Result<(), ArgError> {
        for value in each(value) {
            let content = Content::of(value, payload, media_type, &self.files, input)?;
            self.body.parts().push(Part::new(wire, payload, content));
        }
        Ok(())
    }

    /// Sends the argument as the whole body.
    pub fn raw_body(&mut self, input: Input<'_>, payload: Payload) -> Result<(), ArgError> {
        if self.records(|| Step::RawBody { input: input.recorded(), payload }) {
            return Ok(());
        }
        if let Some(value) = input.present()? {
            let media_type = self.content_type.as_deref().unwrap_or_default();
            self.body = Body::Raw(Content::of(value, payload, media_type, &self.files, &input)?);
        }
        Ok(())
    }
}

/// Returns the values that become separate parts: the items of an array in order, or the value itself.
fn each(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    }
}

/// Returns the default encoding of a form field: the items of an array become fields with the same name, and nested values use bracket
/// notation or become JSON text.
fn usual(value: &Value, as_json: bool) -> Encoding {
    match value {
        Value::Object(_) if as_json => Encoding::JSON,
        value if is_deep(value) && !as_json => Encoding::DEEP,
        // The array becomes one pair for each item. An item that is not a scalar is sent as JSON text.
        _ => Encoding::FORM,
    }
}

/// Whether a value contains arrays or objects, which OpenAPI's form styles cannot express.
fn is_deep(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| item.is_array() || item.is_object()),
        value => value.is_object(),
    }
}

/// Returns the properties of an object argument, without properties whose value is null.
fn fields<'a>(input: &'a Input<'_>) -> Result<Option<Vec<(&'a String, &'a Value)>>, ArgError> {
    match input.present()? {
        None => Ok(None),
        Some(Value::Object(fields)) => {
            Ok(Some(fields.iter().filter(|(_, value)| !value.is_null()).collect()))
        }
        Some(_) => Err(input.error(ArgumentProblem::NoObject)),
    }
}
