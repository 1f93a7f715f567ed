//! The folder of a connector that is served without generating code: connector.toml, document and jackfield.lock.

use std::fs;
use std::path::{Path, PathBuf};

use jackfield_codegen::LOCK_FILE;
use jackfield_model::{Code, Diagnostic};

use crate::error::Error;
use crate::manifest::Manifest;
use crate::pipeline::{Job, model_of};
use crate::report::Modelled;
use crate::served_model::{ServedModel, served_model_of};

/// The file with hand-written tools in a connector's crate.
const CUSTOM: &str = "src/custom.rs";

/// A connector.toml with its lock. The lock lists the origins that requests and credentials may reach.
#[derive(Clone, Debug)]
pub struct ServedFolder {
    folder: PathBuf,
    job: Job,
}

impl ServedFolder {
    /// Opens the folder of a connector.toml.
    ///
    /// # Errors
    /// Returns an error if the file is invalid, or there is no jackfield.lock beside it.
    pub fn open(manifest: &Path) -> Result<Self, Error> {
        let mut job = Job::new(Manifest::read(manifest)?);
        let folder = manifest.parent().unwrap_or(Path::new("")).to_path_buf();
        job.lock.command = job.lock.lock_command();
        let lock = folder.join(LOCK_FILE);
        if !lock.is_file() {
            let problem = format!("there is no {}", lock.display());
            let finding = Diagnostic::error(Code::LockDrift, None, problem)
                .so("nothing is served: the lock would list the origins to which requests and credentials can go")
                .help(format!("run `{}`, which shows the origins and writes the lock", job.lock.command));
            return Err(Error::plain(finding));
        }
        Ok(Self { folder, job })
    }

    /// Reads the document, applies the rules of connector.toml and the names in the lock, and withholds the parts that are not accepted.
    ///
    /// # Errors
    /// Returns the errors of [`served_model_of`].
    pub fn model(&self) -> Result<ServedModel, Error> {
        served_model_of(&self.job)
    }

    /// Checks that the connector equals its lock.
    ///
    /// # Errors
    /// Returns an error if the document cannot be read, or if the connector reaches an origin that the lock does not list, or differs from
    /// the lock.
    pub fn locked_model(&self) -> Result<Modelled, Error> {
        let modelled = model_of(&self.job)?;
        let Some(changes) = modelled.lock_changes().filter(|changes| !changes.is_empty()) else {
            return Ok(modelled);
        };
        let listed: Vec<String> = changes.to_string().lines().map(|line| format!("  {line}")).collect();
        let problem = format!("the connector differs from {LOCK_FILE}:\n{}", listed.join("\n"));
        let finding = Diagnostic::error(Code::LockDrift, None, problem)
            .so("nothing is served, because of `--locked`")
            .help(format!("review the differences, and run `{}`", self.job.lock.command));
        Err(Error::plain(finding))
    }

    /// Returns the files on which the served connector depends, apart from files that the document references:
    /// connector.toml, lock, document and overlays.
    pub fn files(&self) -> Vec<PathBuf> {
        let Manifest { document, overlays, .. } = &self.job.manifest;
        let named = [self.folder.join(LOCK_FILE), document.clone()];
        named.into_iter().chain(overlays.iter().cloned()).collect()
    }

    /// Returns the file with hand-written tools, which only a compiled connector supports.
    pub fn handwritten_tools(&self) -> Option<PathBuf> {
        let path = self.folder.join(CUSTOM);
        let text = fs::read_to_string(&path).ok()?;
        has_tools(&text).then_some(path)
    }
}

/// Whether `src/custom.rs` contains tools, unlike the file of a new connector.
fn has_tools(text: &str) -> bool {
    let code = text.lines().map(str::trim).filter(|line| !line.starts_with("//"));
    let code: String = code.flat_map(str::chars).filter(|c| !c.is_whitespace()).collect();
    code.contains("CustomTool") && !code.contains("->Vec<CustomTool>{Vec::new()}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_document::shop_document;

    /// Returns a folder with a document, connector.toml and lock.
    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("api.yaml"), shop_document("[]")).unwrap();
        fs::write(manifest(&folder), "document = \"api.yaml\"\nname = \"shop\"\n").unwrap();
        let job = Job::new(Manifest::read(&manifest(&folder)).unwrap());
        let modelled = model_of(&job).unwrap();
        let lock = jackfield_codegen::lock_text(&modelled.connector, &modelled.surface());
        fs::write(folder.path().join(LOCK_FILE), lock).unwrap();
        folder
    }

    fn manifest(folder: &tempfile::TempDir) -> PathBuf {
        folder.path().join("connector.toml")
    }

    #[test]
    fn error_about_a_folder_without_a_lock_names_the_command_that_writes_a_lock() {
        let folder = folder();
        fs::remove_file(folder.path().join(LOCK_FILE)).unwrap();
        let error = ServedFolder::open(&manifest(&folder)).unwrap_err().to_string();
        assert!(error.contains("run `jackfield gen --lock-only --out "), "{error}");
        fs::write(folder.path().join("Cargo.toml"), "").unwrap();
        let error = ServedFolder::open(&manifest(&folder)).unwrap_err().to_string();
        assert!(error.contains("run `jackfield gen --out "), "{error}");
    }

    #[test]
    fn locked_model_is_an_error_if_the_lock_does_not_list_an_origin() {
        let folder = folder();
        let document = shop_document("[]").replace("api.example.com", "evil.example.net");
        fs::write(folder.path().join("api.yaml"), document).unwrap();
        let error = ServedFolder::open(&manifest(&folder)).unwrap().locked_model().err().unwrap().to_string();
        assert!(error.contains("https://evil.example.net (server 1)"), "{error}");
        assert!(error.contains("jackfield gen --lock-only --out "), "{error}");
        assert!(error.contains(" --accept-origin https://evil.example.net`"), "{error}");
    }

    #[test]
    fn locked_model_is_an_error_if_a_tool_is_withheld() {
        let folder = folder();
        ServedFolder::open(&manifest(&folder)).unwrap().locked_model().unwrap();
        let document = shop_document("[]").replace(
            "operationId: listBooks\n",
            "operationId: listBooks\n      description: All that are in the shop.\n",
        );
        fs::write(folder.path().join("api.yaml"), document).unwrap();
        let served = ServedFolder::open(&manifest(&folder)).unwrap();
        assert_eq!(served.model().unwrap().withheld.tools.len(), 1);
        let error = served.locked_model().err().unwrap().to_string();
        for part in
            ["differs from jackfield.lock", "changed tool list_books", "run `jackfield gen --lock-only"]
        {
            assert!(error.contains(part), "{part}\n{error}");
        }
    }

    #[test]
    fn lock_text_equals_the_generated_lock() {
        let folder = folder();
        let modelled = ServedFolder::open(&manifest(&folder)).unwrap().locked_model().unwrap();
        let text = jackfield_codegen::lock_text(&modelled.connector, &modelled.surface());
        let generated = modelled.generate(&jackfield_codegen::Layout::Crate);
        assert_eq!(generated.files.get(LOCK_FILE).unwrap().text, text);
    }

    #[test]
    fn custom_rs_with_tools_is_distinguished_from_the_generated_template() {
        let empty = "//! CustomTool::new(\nuse x::CustomTool;\npub fn tools() -> Vec<CustomTool> {\n    Vec::new()\n}\n";
        assert!(!has_tools(empty));
        assert!(has_tools(&empty.replace("Vec::new()", "vec![CustomTool::new(\"count\", count)]")));
        assert!(!has_tools(""));
    }
}
