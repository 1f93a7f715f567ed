//! A document whose operations all have the same parameters, and the connector that is generated from it.

use std::fs;

use jackfield_build::model::{Code, Connector, ParameterSetting, Requirement};
use jackfield_build::{CrateFolder, Error, Generated, Job, Manifest, model_of};

/// Six resources. Each has a read and a write, so the document has twelve operations.
pub(crate) const RESOURCES: [&str; 6] = ["books", "orders", "customers", "shelves", "readers", "loans"];

/// A document whose operations all have these parameters, with a version, and with further keys inside and
/// after `paths`.
pub(crate) struct Document<'t> {
    pub(crate) parameters: &'t [&'t str],
    pub(crate) version: &'t str,
    pub(crate) resources: &'t [&'t str],
    pub(crate) methods: &'t [&'t str],
    pub(crate) paths: &'t str,
    pub(crate) rest: &'t str,
}

impl<'t> Document<'t> {
    pub(crate) const fn of(parameters: &'t [&'t str]) -> Self {
        Self {
            parameters,
            version: "1.0.0",
            resources: &RESOURCES,
            methods: &["get", "post"],
            paths: "",
            rest: "",
        }
    }

    pub(crate) fn text(&self) -> String {
        let mut text = format!(
            "openapi: 3.0.3\ninfo: {{ title: Shop, version: '{}' }}\nservers: [{{ url: https://api.example.com }}]\npaths:\n",
            self.version
        );
        for resource in self.resources {
            text.push_str(&format!("  /{resource}:\n    parameters:\n"));
            for parameter in self.parameters {
                text.push_str(&format!("      - {{ {parameter} }}\n"));
            }
            for method in self.methods {
                text.push_str(&format!(
                    "    {method}: {{ operationId: {method}-{resource}, responses: {{}} }}\n"
                ));
            }
        }
        text + self.paths + self.rest
    }

    pub(crate) fn generate(&self, choices: &str) -> Result<Generated, Error> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("shop.yaml"), self.text()).unwrap();
        let text = format!("document = \"shop.yaml\"\nname = \"shop\"\n{choices}\n");
        fs::write(folder.path().join("connector.toml"), text).unwrap();
        CrateFolder::open(folder.path())?.generate()
    }

    pub(crate) fn generated(&self, choices: &str) -> Generated {
        self.generate(choices).unwrap_or_else(|error| panic!("{choices}\n{error}\n{}", self.text()))
    }

    /// Returns the lines that `jackfield inspect` offers for connector.toml.
    pub(crate) fn constants(&self) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("shop.yaml"), self.text()).unwrap();
        let manifest = Manifest::for_document(&folder.path().join("shop.yaml"), None);
        let modelled = model_of(&Job::new(manifest)).unwrap_or_else(|error| panic!("{error}"));
        modelled.constants.into_iter().map(|it| format!("{}={:?}", it.wire, it.example)).collect()
    }
}

/// Returns the arguments of an operation.
pub(crate) fn args(connector: &Connector, id: &str) -> Vec<String> {
    let operation = connector.operations().find(|it| it.id.as_ref().is_some_and(|it| it.as_str() == id));
    operation.unwrap().args.iter().map(|arg| arg.name.to_string()).collect()
}

/// Returns the settings as `name=value`, without settings that are not sent.
pub(crate) fn settings(connector: &Connector) -> Vec<String> {
    let shown = |it: &ParameterSetting| match &it.value {
        Some(value) => format!("{}={value}", it.wire),
        None => it.wire.to_string(),
    };
    connector.settings.iter().map(shown).collect()
}

pub(crate) fn found(generated: &Generated, code: Code) -> Option<String> {
    let mut findings = generated.report.diagnostics.iter().filter(|finding| finding.code == code);
    let first = findings.next()?;
    assert!(findings.next().is_none(), "{code} was found twice");
    Some(format!("{}; {}; {}", first.problem, first.consequence, first.remedy))
}

/// Returns the requirements of an operation, as `a+b | none`.
pub(crate) fn security(connector: &Connector, id: &str) -> String {
    let operation = connector.operations().find(|it| it.id.as_ref().is_some_and(|it| it.as_str() == id));
    let one = |it: &Requirement| {
        let names: Vec<&str> = it.needs.iter().map(|need| need.scheme.as_str()).collect();
        if names.is_empty() { "none".to_owned() } else { names.join("+") }
    };
    operation.unwrap().security.iter().map(one).collect::<Vec<_>>().join(" | ")
}

/// A version header that has a default.
pub(crate) const VERSION: &str = "name: X-Shop-Version, in: header, schema: { type: string, default: '2' }";
