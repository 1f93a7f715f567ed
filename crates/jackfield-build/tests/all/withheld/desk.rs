//! A connector folder that a user has accepted.

use std::fs;
use std::path::PathBuf;

use jackfield_build::{CrateFolder, ServedFolder, ServedModel};
use tempfile::TempDir;

pub(crate) const DOCUMENT: &str = "\
openapi: 3.0.3
info: { title: Incident Desk, version: '1', description: Keeps incidents. }
servers: [{ url: https://api.example.com/v1 }]
tags: [{ name: incidents, description: What happened. }, { name: files }]
components:
  securitySchemes:
    desk:
      type: oauth2
      flows:
        clientCredentials: { tokenUrl: https://id.example.com/token, scopes: { read: r, write: w } }
    key: { type: apiKey, in: header, name: X-Key }
  schemas:
    Incident:
      type: object
      required: [title]
      properties:
        title: { type: string, description: One line. }
        severity: { type: integer }
paths:
  /incidents:
    get:
      operationId: listIncidents
      tags: [incidents]
      summary: Lists incidents.
      security: [{ desk: [read] }]
      parameters: [{ name: team, in: query, schema: { type: string } }]
      responses: { '200': { description: Done. } }
    post:
      operationId: createIncident
      tags: [incidents]
      security: [{ desk: [write] }]
      requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/Incident' } } } }
      responses: { '200': { description: Done. } }
  /incidents/{id}:
    delete:
      operationId: deleteIncident
      tags: [incidents]
      security: [{ desk: [write] }]
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      responses: { '204': { description: Done. } }
  /exports:
    post:
      operationId: startExport
      tags: [files]
      security: [{ key: [] }]
      responses: { '200': { description: Done. } }
  /exports/{id}:
    get:
      operationId: getExport
      tags: [files]
      security: [{ key: [] }]
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      responses: { '200': { description: Done. } }
  /status:
    get:
      operationId: getStatus
      tags: [files]
      security: []
      servers: [{ url: https://status.example.com }]
      responses: { '204': { description: Done. } }
";

pub(crate) const MANIFEST: &str = "\
document = \"desk.yaml\"
name = \"desk\"

[jobs.start_export]
id = \"$.id\"
read = \"get_export\"

[ask]
delete_incident = \"always\"
";

pub(crate) const TOOLS: [&str; 6] =
    ["create_incident", "delete_incident", "get_export", "get_status", "list_incidents", "start_export"];

/// A connector folder that a user has accepted.
pub(crate) struct Desk(TempDir);

impl Desk {
    pub(crate) fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        desk.write("desk.yaml", DOCUMENT);
        desk.write("connector.toml", MANIFEST);
        desk.accept(&[]);
        desk
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    pub(crate) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap()
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        fs::write(self.path(file), text).unwrap();
    }

    /// Replaces a text in a file. The file must contain the text.
    pub(crate) fn change(&self, file: &str, from: &str, to: &str) {
        let text = self.read(file);
        assert!(text.contains(from), "{file} has no {from:?}");
        self.write(file, &text.replace(from, to));
    }

    /// Does what `jackfield gen --lock-only` does.
    pub(crate) fn accept(&self, origins: &[&str]) {
        let connector = CrateFolder::open(self.0.path()).unwrap().lock_only();
        let connector = connector.accepting(origins.iter().map(|&origin| origin.to_owned()));
        let generated = connector.generate().unwrap_or_else(|error| panic!("{error}"));
        connector.write(&generated).unwrap();
    }

    pub(crate) fn served(&self) -> ServedModel {
        let folder = ServedFolder::open(&self.path("connector.toml"));
        folder.and_then(|folder| folder.model()).unwrap_or_else(|error| panic!("{error}"))
    }
}

/// Returns the served tools, sorted.
pub(crate) fn tools(served: &ServedModel) -> Vec<String> {
    let mut tools: Vec<String> =
        served.modelled.surface().tools().map(|tool| tool.name.to_string()).collect();
    tools.sort();
    tools
}

/// Returns the withheld tools, each with the reasons.
pub(crate) fn withheld(served: &ServedModel) -> Vec<String> {
    let reason = |tool: &jackfield_build::UnacceptedTool| {
        let because: Vec<String> = tool.because.iter().map(ToString::to_string).collect();
        format!("{}: {}", tool.name, because.join("; "))
    };
    let mut tools: Vec<String> = served.withheld.tools.iter().map(reason).collect();
    tools.sort();
    tools
}
