//! An MCP bundle (`.mcpb`), which desktop clients install with one click.

use jackfield_model::text::shorten;
use serde_json::{Map, Value, json};

use crate::error::ShipError;
use crate::file::PackageFile;
use crate::shipment::{Shipment, Variable};
use crate::zip::{PackedAt, zip};

/// The folder of the program in the bundle.
const FOLDER: &str = "server/";
/// The maximum number of characters of the short description, which clients show in a list.
const SHORT: usize = 160;

/// Packs a bundle. `more` are files that the server does not need, such as a bill of materials.
///
/// # Errors
/// Returns an error if a file does not fit into the archive.
pub(crate) fn mcp_bundle(shipment: &Shipment, more: &[&PackageFile]) -> Result<Vec<u8>, ShipError> {
    let manifest = PackageFile::data("manifest.json", crate::json::json_text(&manifest(shipment)));
    let payload = shipment.payload.files.iter();
    let payload: Vec<PackedAt<'_>> =
        payload.map(|file| PackedAt { path: format!("{FOLDER}{}", file.path), file }).collect();
    let own = std::iter::once(&manifest).chain(more.iter().copied());
    let own = own.map(|file| PackedAt { path: file.path.clone(), file });
    zip(own.chain(payload).collect())
}

fn manifest(shipment: &Shipment) -> Value {
    let payload = &shipment.payload;
    let mut manifest = Map::new();
    let mut put = |key: &str, value: Value| {
        manifest.insert(key.to_owned(), value);
    };
    put("manifest_version", "0.3".into());
    put("name", shipment.name.clone().into());
    put("display_name", shipment.title.clone().into());
    put("version", shipment.version.clone().into());
    put("description", shorten(&shipment.description, SHORT).into());
    put("author", json!({ "name": shipment.author }));
    if let Some(url) = &shipment.repository {
        put("repository", json!({ "type": "git", "url": url }));
    }
    if let Some(url) = &shipment.homepage {
        put("homepage", url.clone().into());
    }
    if let Some(license) = &shipment.license {
        put("license", license.clone().into());
    }
    let program = format!("{FOLDER}{}", payload.program);
    let mut config = json!({
        "command": format!("${{__dirname}}/{program}"),
        "args": payload.arguments_in(&format!("${{__dirname}}/{FOLDER}")),
    });
    let forms = forms(&shipment.variables);
    if !forms.is_empty() {
        config["env"] = environment(&shipment.variables);
    }
    put("server", json!({ "type": "binary", "entry_point": program, "mcp_config": config }));
    let tools = shipment.tools();
    let tools = tools.map(|tool| json!({ "name": tool.name, "description": tool.description }));
    put("tools", tools.collect());
    if shipment.has_other_tools {
        put("tools_generated", true.into());
    }
    put("compatibility", json!({ "platforms": [payload.platform.node_name()] }));
    if !forms.is_empty() {
        put("user_config", forms.into());
    }
    manifest.into()
}

/// Returns the fields of the form in which people enter the values of variables.
pub(crate) fn forms(variables: &[Variable]) -> Map<String, Value> {
    let mut forms = Map::new();
    for variable in variables {
        let mut description = variable.description.clone();
        if !variable.choices.is_empty() {
            description.push_str(&format!(" One of: {}", variable.choices.join(", ")));
        }
        let mut form = json!({
            "type": if variable.is_file { "file" } else { "string" },
            "title": variable.title,
            "description": description,
            "required": variable.is_required,
            "sensitive": variable.is_secret,
        });
        // Clients do not replace a reference to a field without a value, so optional fields get an empty default. The
        // connector treats an empty value as missing.
        if !variable.is_required {
            form["default"] = variable.default.clone().unwrap_or_default().into();
        }
        forms.insert(variable.key.clone(), form);
    }
    forms
}

/// Returns the environment variables of the server. The value of each variable is a reference to a field of the form.
pub(crate) fn environment(variables: &[Variable]) -> Value {
    let pairs = variables.iter();
    let pairs = pairs.map(|it| (it.name.clone(), Value::String(format!("${{user_config.{}}}", it.key))));
    Value::Object(pairs.collect())
}
