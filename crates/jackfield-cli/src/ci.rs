//! `jackfield ci`: prints a workflow that fetches the document of a connector, updates the connector, and opens a
//! pull request with a report.

use std::io::Write as _;
use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;

use jackfield_build::Manifest;
use jackfield_build::model::shell_quoted;

use crate::Failure;

/// Arguments of `jackfield ci`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  jackfield ci github bookshop > .github/workflows/refresh-bookshop.yml\n  \
                  jackfield ci github --document-url https://api.example.com/openapi.yaml"
)]
pub(crate) struct Arguments {
    /// The system that runs the workflow
    #[arg(value_enum)]
    system: System,
    /// The connector's folder; the command has to run in the root of the repository
    #[arg(default_value = ".")]
    path: PathBuf,
    /// The URL at which the document is published [default: `document_url` of connector.toml]
    #[arg(long, value_name = "URL")]
    document_url: Option<String>,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum System {
    Github,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let System::Github = arguments.system;
    let text = workflow(&arguments.path, arguments.document_url.as_deref())?;
    let written = std::io::stdout().lock().write_all(text.as_bytes());
    written.map_err(|error| Failure::Other(format!("cannot write the workflow: {error}")))?;
    Ok(ExitCode::SUCCESS)
}

fn workflow(path: &Path, url: Option<&str>) -> Result<String, Failure> {
    let connector = inside(path).ok_or_else(|| {
        Failure::Other(format!(
            "{} is not a path within this folder: change to the root of the repository, and name the connector's folder from there",
            path.display()
        ))
    })?;
    let manifest = Manifest::read(&path.join("connector.toml"))?;
    let named = shell_quoted(&connector).into_owned();
    let Some(name) = manifest.name() else {
        return Err(Failure::Other(format!(
            "{connector}/connector.toml has no `name`: add it, as in\n\n  name = \"shop\"\n"
        )));
    };
    let Some(url) = url.or(manifest.document_url()) else {
        return Err(Failure::Other(format!(
            "the URL of the document is unknown: set `document_url` in connector.toml, or run\n\n  \
             jackfield ci github {named} --document-url https://api.example.com/openapi.yaml\n"
        )));
    };
    let has_secret = url
        .split_once("://")
        .is_some_and(|(_, rest)| rest.split('/').next().unwrap_or_default().contains('@'));
    if !url.starts_with("https://") || has_secret {
        return Err(Failure::Other(
            "the URL of the document does not begin with https://, or contains a password. If the document needs a \
             credential, leave the credential out of the URL, and run `gh secret set DOCUMENT_AUTHORIZATION`"
                .to_owned(),
        ));
    }
    let document = manifest.document().strip_prefix(path).ok().and_then(inside).ok_or_else(|| {
        let document = manifest.document().display();
        Failure::Other(format!("the document {document} is not in the folder of the connector"))
    })?;
    let mut text = jackfield_templates::GITHUB_REFRESH.to_owned();
    for (placeholder, value) in [("connector", &*connector), ("document", &*document), ("document_url", url)]
    {
        text = text.replace(&format!("{{{{{placeholder}}}}}"), &scalar(value)?);
    }
    Ok(text.replace("{{name}}", name.as_str()))
}

/// Returns the path with `/` as separator. Returns None if the path is absolute or leads out of the current folder.
fn inside(path: &Path) -> Option<String> {
    let mut parts = Vec::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::Normal(part) => parts.push(part.to_str()?),
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(if parts.is_empty() { ".".to_owned() } else { parts.join("/") })
}

/// Formats a value of the workflow as a YAML string. Values with `{{` are refused, because GitHub would evaluate an
/// expression, and `jackfield` would fill in a placeholder.
fn scalar(value: &str) -> Result<String, Failure> {
    if value.contains("{{") || value.chars().any(char::is_control) || value.starts_with('-') {
        return Err(Failure::Other(format!(
            "`{}` contains characters that cannot be used in a workflow",
            value.escape_debug()
        )));
    }
    Ok(serde_json::Value::from(value).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workflow_value_with_an_expression_option_or_control_character_is_refused() {
        for wrong in ["a${{ secrets.X }}", "{{name}}", "-rf", "a\nb", "\u{1b}[m"] {
            assert!(scalar(wrong).is_err(), "{wrong:?}");
        }
        assert_eq!(scalar("a \"b\" \\ $(c)").unwrap(), r#""a \"b\" \\ $(c)""#);
    }

    #[test]
    fn path_that_leads_out_of_the_repository_is_refused() {
        assert_eq!(inside(Path::new("./a/b")).as_deref(), Some("a/b"));
        assert_eq!(inside(Path::new(".")).as_deref(), Some("."));
        assert_eq!(inside(Path::new("../a")), None);
        assert_eq!(inside(Path::new("/a")), None);
    }
}
