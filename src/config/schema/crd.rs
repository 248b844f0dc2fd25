//! The schemas in Kubernetes' `CustomResourceDefinition`s, `v1` and `v1beta1`.

use std::sync::Arc;

use smol_str::{SmolStr, format_smolstr};

use super::openapi::{add_object_fields, keep_unknown_fields, to_json_schema};
use crate::document::{Document, Kind, Map, Value};

/// One version of a custom resource.
///
/// It is a schema of its own, addressed as `FILE#NAME/VERSION`, for example
/// `crds.yaml#widgets.example.com/v1`.
#[derive(Clone, Debug)]
pub struct CrdVersion {
    /// `NAME/VERSION`, for example `widgets.example.com/v1`.
    pub address: SmolStr,
    /// Whether the API server answers to it.
    pub served: bool,
    /// Its schema, in the words of JSON Schema; every part keeps its place in the file.
    pub schema: Value,
    /// The number of the document that it stands in.
    document: usize,
}

/// Finds every version of every custom resource in a file: in any of its documents, and in lists.
#[must_use]
pub fn crd_versions(documents: &[Document]) -> Vec<CrdVersion> {
    let mut found = Vec::new();
    for (index, document) in documents.iter().enumerate() {
        collect(&document.root, index, &mut found);
    }
    found
}

/// Finds the schema that the part of a path behind `#` names, as a document of its own. The name
/// of the resource may be left out where the file has only one version so called.
pub(crate) fn crd_schema(documents: &[Document], address: &str) -> Option<Arc<Document>> {
    let versions = crd_versions(documents);
    let whole = versions.iter().find(|version| version.address == address);
    let version = whole.or_else(|| {
        let mut short = versions.iter().filter(|version| {
            version
                .address
                .rsplit_once('/')
                .is_some_and(|(_, name)| name == address)
        });
        short.next().filter(|_| short.next().is_none())
    })?;
    let document = &documents[version.document];
    Some(Arc::new(Document {
        root: Arc::new(version.schema.clone()),
        ..document.clone()
    }))
}

fn collect(root: &Value, document: usize, found: &mut Vec<CrdVersion>) {
    let text = |keyword: &str| root.get(keyword).and_then(Value::as_str);
    let kind = text("kind").unwrap_or_default();
    if kind.ends_with("List") {
        for item in root.get("items").and_then(Value::as_array).unwrap_or(&[]) {
            collect(item, document, found);
        }
        return;
    }
    let is_crd = kind == "CustomResourceDefinition"
        && text("apiVersion").is_some_and(|api| api.starts_with("apiextensions.k8s.io/"));
    let (true, Some(spec)) = (is_crd, root.get("spec")) else {
        return;
    };
    let name = root
        .get("metadata")
        .and_then(|metadata| metadata.get("name"))
        .and_then(Value::as_str)
        .unwrap_or_default();
    // In v1beta1 all versions may share one schema, and there may be one version alone.
    let shared = spec
        .get("validation")
        .and_then(|validation| validation.get("openAPIV3Schema"));
    // In v1beta1 nothing is dropped unless it says so.
    let keeps = match spec.get("preserveUnknownFields") {
        Some(value) => (value.as_bool() == Some(true)).then_some(Some(value.span)),
        None => text("apiVersion")
            .is_some_and(|api| api.ends_with("/v1beta1"))
            .then_some(None),
    };
    let mut add = |version: &str, served: bool, schema: Option<&Value>, at: &Value| {
        let mut schema = match schema {
            Some(schema) => to_json_schema(schema),
            None => Value::new(Kind::Object(Map::new()), at.span),
        };
        add_object_fields(&mut schema);
        if let Some(at) = keeps {
            let at = at.unwrap_or(schema.span);
            keep_unknown_fields(&mut schema, at);
        }
        found.push(CrdVersion {
            address: format_smolstr!("{name}/{version}"),
            served,
            schema,
            document,
        });
    };
    let versions = spec.get("versions").and_then(Value::as_array);
    for version in versions.unwrap_or(&[]) {
        let Some(name) = version.get("name").and_then(Value::as_str) else {
            continue;
        };
        let own = version
            .get("schema")
            .and_then(|schema| schema.get("openAPIV3Schema"));
        let served = version.get("served").and_then(Value::as_bool);
        add(name, served.unwrap_or(true), own.or(shared), version);
    }
    if versions.is_none_or(<[Value]>::is_empty)
        && let Some(version) = spec.get("version")
        && let Some(name) = version.as_str()
    {
        add(name, true, shared, spec);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Format, parse};
    use crate::text::Source;

    fn documents(yaml: &str) -> Vec<Document> {
        parse(&Arc::new(Source::new("crds.yaml", yaml)), Format::Yaml).documents
    }

    fn addresses(yaml: &str) -> Vec<String> {
        crd_versions(&documents(yaml))
            .iter()
            .map(|version| format!("{} {}", version.address, version.served))
            .collect()
    }

    const TWO: &str = "\
apiVersion: v1
kind: ConfigMap
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  versions:
    - name: v1
      served: true
      schema: {openAPIV3Schema: {type: object, properties: {a: {type: string, nullable: true}}}}
    - {name: v1alpha1, served: false}
";

    #[test]
    fn versions_are_schemas_of_their_own() {
        assert_eq!(
            addresses(TWO),
            [
                "widgets.example.com/v1 true",
                "widgets.example.com/v1alpha1 false"
            ]
        );
        let documents = documents(TWO);
        for address in ["widgets.example.com/v1", "v1"] {
            let schema = crd_schema(&documents, address).unwrap();
            let json = schema.root.to_json();
            assert_eq!(json["properties"]["a"]["type"][1], "null");
            assert_eq!(json["properties"]["metadata"]["type"], "object");
        }
        assert!(crd_schema(&documents, "v2").is_none());
    }

    #[test]
    fn older_forms_and_lists_are_read() {
        let old = "\
apiVersion: v1
kind: List
items:
  - apiVersion: apiextensions.k8s.io/v1beta1
    kind: CustomResourceDefinition
    metadata: {name: a.example.com}
    spec: {version: v1, validation: {openAPIV3Schema: {type: object, required: [spec]}}}
  - apiVersion: apiextensions.k8s.io/v1beta1
    kind: CustomResourceDefinition
    metadata: {name: b.example.com}
    spec: {versions: [{name: v1}, {}], validation: {openAPIV3Schema: {type: object}}}
  - {kind: Pod}
";
        assert_eq!(
            addresses(old),
            ["a.example.com/v1 true", "b.example.com/v1 true"]
        );
        let keeps = "x-kubernetes-preserve-unknown-fields";
        let versions = crd_versions(&documents(old));
        assert_eq!(versions[0].schema.to_json()[keeps], true);
        let pruned = old.replace("spec: {", "spec: {preserveUnknownFields: false, ");
        let versions = crd_versions(&documents(&pruned));
        assert_eq!(versions[0].schema.to_json()[keeps], false);
        // The short name stands for two, and so for none.
        assert!(crd_schema(&documents(old), "v1").is_none());
        let schema = crd_schema(&documents(old), "a.example.com/v1").unwrap();
        assert_eq!(schema.root.to_json()["required"][0], "spec");
    }
}
