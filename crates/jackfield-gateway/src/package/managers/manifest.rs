//! The manifest of an MCP bundle (.mcpb).

use serde_json::{Map, Value};

use crate::package::fault::PackageFault;
use crate::package::start::{PackageStart, TREE};

/// Stands for the folder of the bundle in a manifest.
const FOLDER: &str = "${__dirname}";
/// Stands for the separator of paths.
const SEPARATORS: [&str; 2] = ["${/}", "${pathSeparator}"];

/// How a bundle is started.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct BundleStart {
    pub(super) start: PackageStart,
    /// The environment variables for which the bundle asks the user.
    pub(super) asked: Vec<String>,
    /// Whether the program is a file of the bundle.
    pub(super) is_own_file: bool,
}

/// Returns the command in a manifest. `platform` is the name of this system in manifests.
///
/// # Errors
/// Returns an error if the manifest needs something that the gateway does not do.
pub(super) fn start(manifest: &Value, platform: &str) -> Result<BundleStart, PackageFault> {
    let server = &manifest["server"];
    let kind = server["type"].as_str().unwrap_or_default();
    if !["node", "python", "binary"].contains(&kind) {
        return Err(refused(format!(
            "the bundle has a server of the type `{kind}`, which the gateway does not start"
        )));
    }
    let mut config = server["mcp_config"].as_object().cloned().unwrap_or_default();
    if let Some(Value::Object(own)) = config.get("platform_overrides").map(|all| all[platform].clone()) {
        config.extend(own);
    }
    let text = |key: &str| config.get(key).and_then(Value::as_str);
    let command =
        text("command").ok_or_else(|| refused("the bundle does not say how its server is started"))?;
    let is_own_file = command.starts_with(FOLDER);
    let program = match (kind, command) {
        ("node", "node") | ("python", "python3") => command.to_owned(),
        // Systems without Python 2 may have no `python`.
        ("python", "python") => "python3".to_owned(),
        _ if is_own_file => inside(command)?,
        _ => {
            return Err(refused(format!(
                "the bundle starts `{command}`, which is neither part of it nor its interpreter"
            )));
        }
    };
    let arguments = match config.get("args") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(words)) => words
            .iter()
            .map(|word| {
                placed(word.as_str().ok_or_else(|| refused("an argument of the bundle is not a string"))?)
            })
            .collect::<Result<_, _>>()?,
        Some(_) => return Err(refused("the arguments of the bundle are not an array")),
    };
    let (variables, asked) = variables(config.get("env").and_then(Value::as_object))?;
    Ok(BundleStart { start: PackageStart { program, arguments, variables }, asked, is_own_file })
}

/// The variables with values, and the names of those that the user sets.
type Variables = (Vec<(String, String)>, Vec<String>);

fn variables(env: Option<&Map<String, Value>>) -> Result<Variables, PackageFault> {
    let (mut variables, mut asked) = (Vec::new(), Vec::new());
    for (name, value) in env.into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        if !crate::config::is_variable(name) || decides_the_program(name) {
            return Err(refused(format!(
                "the bundle sets the variable `{name}`, which the gateway does not allow"
            )));
        }
        match value.strip_prefix("${user_config.").and_then(|rest| rest.strip_suffix('}')) {
            Some(_) => asked.push(name.clone()),
            None => variables.push((name.clone(), placed(value)?)),
        }
    }
    Ok((variables, asked))
}

/// Whether a variable could replace the program that is started, or code of it.
fn decides_the_program(name: &str) -> bool {
    name == "PATH" || name.starts_with("LD_") || name.starts_with("DYLD_")
}

/// Replaces the placeholder of the folder.
fn placed(text: &str) -> Result<String, PackageFault> {
    let mut rest = text.replace(FOLDER, "\0");
    for separator in SEPARATORS {
        rest = rest.replace(separator, "/");
    }
    if rest.contains("${") || text.contains('\0') {
        return Err(refused(format!("the gateway cannot replace a placeholder in `{text}` of the bundle")));
    }
    Ok(rest.replace('\0', TREE))
}

/// Returns a path in the bundle.
fn inside(command: &str) -> Result<String, PackageFault> {
    let program = placed(command)?;
    let path = program.strip_prefix(TREE).and_then(|path| path.strip_prefix('/')).unwrap_or_default();
    let is_inside = !path.is_empty() && path.split('/').all(|part| !["", ".", ".."].contains(&part));
    match is_inside && !path.contains("${") {
        true => Ok(program),
        false => Err(refused(format!("the bundle starts `{command}`, which is outside of it"))),
    }
}

fn refused(why: impl Into<String>) -> PackageFault {
    PackageFault::new(why)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(kind: &str, config: Value) -> Result<BundleStart, String> {
        let manifest = json!({ "server": { "type": kind, "entry_point": "x", "mcp_config": config } });
        start(&manifest, "linux").map_err(|error| error.to_string())
    }

    #[test]
    fn command_of_a_bundle_has_the_folder_and_the_overrides_of_this_system() {
        let config = json!({
            "command": "node", "args": ["${__dirname}${/}server/index.js", "--root=${__dirname}"],
            "env": { "API_KEY": "${user_config.api_key}", "LIB": "${__dirname}/lib:x" },
            "platform_overrides": { "linux": { "args": ["${__dirname}/linux.js"] }, "win32": { "command": "x" } }
        });
        let found = of("node", config).unwrap();
        assert_eq!(found.start.program, "node");
        assert_eq!(found.start.arguments, ["${tree}/linux.js"]);
        assert_eq!(found.start.variables, [("LIB".to_owned(), "${tree}/lib:x".to_owned())]);
        assert_eq!((found.asked, found.is_own_file), (vec!["API_KEY".to_owned()], false));
        let found = of("binary", json!({ "command": "${__dirname}/bin/server" })).unwrap();
        assert_eq!((found.start.program.as_str(), found.is_own_file), ("${tree}/bin/server", true));
    }

    #[test]
    fn command_outside_of_a_bundle_is_refused() {
        for (kind, config, expected) in [
            ("uv", json!({ "command": "uv" }), "of the type `uv`"),
            ("node", json!({}), "does not say how"),
            ("node", json!({ "command": "sh" }), "neither part of it"),
            ("binary", json!({ "command": "/bin/sh" }), "neither part of it"),
            ("binary", json!({ "command": "${__dirname}/../x" }), "outside of it"),
            ("binary", json!({ "command": "${__dirname}" }), "outside of it"),
            ("node", json!({ "command": "node", "args": ["${HOME}/x"] }), "cannot replace a placeholder"),
            ("node", json!({ "command": "node", "args": ["${user_config.key}"] }), "cannot replace"),
            ("node", json!({ "command": "node", "args": ["${tree}/x"] }), "cannot replace"),
            ("node", json!({ "command": "node", "args": [1] }), "is not a string"),
            ("node", json!({ "command": "node", "args": "x" }), "are not an array"),
            ("node", json!({ "command": "node", "env": { "LD_PRELOAD": "x" } }), "`LD_PRELOAD`"),
            ("node", json!({ "command": "node", "env": { "a b": "x" } }), "`a b`"),
        ] {
            let error = of(kind, config).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
