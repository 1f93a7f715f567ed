//! Formats recipes for people and for digests, as in `query "limit" <- limit? (form, exploded)`.
//!
//! The text does not change between versions, and different steps have different texts.

use std::fmt;

use crate::{Encoding, Input, Payload, Step, Style};

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path { wire, input, encoding } => write!(f, "path {wire:?} <- {input} ({encoding})"),
            Self::Query { wire, input, encoding } => write!(f, "query {wire:?} <- {input} ({encoding})"),
            Self::Header { wire, input, encoding } => write!(f, "header {wire:?} <- {input} ({encoding})"),
            Self::Cookie { wire, input, encoding } => write!(f, "cookie {wire:?} <- {input} ({encoding})"),
            Self::QueryString { input, encoding, fields } => {
                write!(f, "query string <- {input} ({encoding})")?;
                fields.iter().try_for_each(|(wire, encoding)| write!(f, ", {wire:?} ({encoding})"))
            }
            Self::ContentType { media_type } => write!(f, "content type {media_type:?}"),
            Self::JsonLines => f.write_str("a line for each item"),
            Self::Xml { shape } => write!(f, "xml {shape}"),
            Self::JsonObject => f.write_str("json"),
            Self::JsonField { wire, input } => write!(f, "json field {wire:?} <- {input}"),
            Self::JsonBody { input } => write!(f, "json body <- {input}"),
            Self::Form => f.write_str("form"),
            Self::FormJson => f.write_str("form objects as json"),
            Self::FormField { wire, input, encoding } => {
                write!(f, "form field {wire:?} <- {input}")?;
                encoding.map_or(Ok(()), |encoding| write!(f, " ({encoding})"))
            }
            Self::FormBody { input, fields } => {
                write!(f, "form body <- {input}")?;
                fields.iter().try_for_each(|(wire, encoding)| write!(f, ", {wire:?} ({encoding})"))
            }
            Self::Multipart => f.write_str("parts"),
            Self::Part { wire, input, payload, media_type } => {
                write!(f, "part {wire:?} <- {input} ({payload} {media_type:?})")
            }
            Self::PartFields { wire, input, encoding } => {
                write!(f, "part fields {wire:?} <- {input} ({encoding})")
            }
            Self::XmlPart { wire, input, media_type, shape } => {
                write!(f, "part {wire:?} <- {input} (xml {media_type:?} {shape})")
            }
            Self::PartHeader { part, wire, input, encoding } => {
                write!(f, "part {part:?} header {wire:?} <- {input} ({encoding})")
            }
            Self::MultipartBody { input, parts } => {
                write!(f, "parts <- {input}")?;
                parts.iter().try_for_each(|(wire, payload, media_type)| {
                    write!(f, ", {wire:?} ({payload} {media_type:?})")
                })
            }
            Self::RawBody { input, payload } => write!(f, "body <- {input} ({payload})"),
        }
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Arg { arg, required } => write!(f, "{arg}{}", if *required { "" } else { "?" }),
            Self::Fixed { json } => write!(f, "always {json}"),
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.style)?;
        f.write_str(if self.explode { ", exploded" } else { "" })?;
        f.write_str(if self.reserved { ", reserved" } else { "" })?;
        self.inner.iter().flatten().try_for_each(|style| write!(f, ", of lists in {style}"))
    }
}

impl fmt::Display for Style {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Simple => "simple",
            Self::Label => "label",
            Self::Matrix => "matrix",
            Self::Form => "form",
            Self::SpaceDelimited => "spaces",
            Self::PipeDelimited => "pipes",
            Self::TabDelimited => "tabs",
            Self::DeepObject => "deep",
            Self::Cookie => "cookie",
            Self::Json => "json",
        })
    }
}

impl fmt::Display for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Bytes => "bytes",
        })
    }
}
