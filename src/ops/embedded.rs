//! The files that ship in the binary.

/// One file: its path below the folder it was taken from, and its content.
pub(super) type File = (&'static str, &'static [u8]);

macro_rules! files {
    ($folder:literal: $($path:literal)*) => {
        &[$(($path, include_bytes!(concat!("../../", $folder, "/", $path)))),*]
    };
}

/// The history of an online shop, which `git strata demo` builds.
pub(super) static SHOP: &[File] = files! { "examples/shop":
    "01-schema/README.md"
    "01-schema/schema/app.schema.yaml"
    "01-schema/schema/environments/prod.schema.yaml"
    "01-schema/schema/providers/aws.schema.yaml"
    "01-schema/schema/providers/azure.schema.yaml"
    "01-schema/schema/providers/gcp.schema.yaml"
    "01-schema/schema/types.schema.yaml"
    "01-schema/strata.yaml"
    "02-configuration/config/base.yaml"
    "02-configuration/config/environments/dev.yaml"
    "02-configuration/config/environments/prod.yaml"
    "02-configuration/config/environments/staging.yaml"
    "02-configuration/config/providers/aws.yaml"
    "02-configuration/config/providers/azure.yaml"
    "02-configuration/config/providers/gcp.yaml"
    "02-configuration/config/services/cart/base.yaml"
    "02-configuration/config/services/cart/dev.yaml"
    "02-configuration/config/services/cart/prod.yaml"
    "02-configuration/config/services/cart/staging.yaml"
    "02-configuration/config/services/catalog/base.yaml"
    "02-configuration/config/services/catalog/dev.yaml"
    "02-configuration/config/services/catalog/prod.yaml"
    "02-configuration/config/services/catalog/staging.yaml"
    "02-configuration/config/services/checkout/base.yaml"
    "02-configuration/config/services/checkout/dev.yaml"
    "02-configuration/config/services/checkout/prod.yaml"
    "02-configuration/config/services/checkout/staging.yaml"
    "02-configuration/config/services/notifications/base.yaml"
    "02-configuration/config/services/notifications/dev.yaml"
    "02-configuration/config/services/notifications/prod.yaml"
    "02-configuration/config/services/notifications/staging.yaml"
    "02-configuration/config/services/payments/base.yaml"
    "02-configuration/config/services/payments/dev.yaml"
    "02-configuration/config/services/payments/prod.yaml"
    "02-configuration/config/services/payments/staging.yaml"
    "02-configuration/config/services/search/base.yaml"
    "02-configuration/config/services/search/dev.yaml"
    "02-configuration/config/services/search/prod.yaml"
    "02-configuration/config/services/search/staging.yaml"
    "03-rate-limits/config/base.yaml"
    "03-rate-limits/config/services/cart/base.yaml"
    "03-rate-limits/schema/app.schema.yaml"
    "04-prod-fresh-prices/config/services/catalog/base.yaml"
    "05-vouchers/config/services/catalog/base.yaml"
    "05-vouchers/config/services/notifications/base.yaml"
    "05-vouchers/config/services/payments/base.yaml"
    "05-vouchers/schema/app.schema.yaml"
    "06-staging-load-test/config/services/catalog/base.yaml"
    "07-staging-port/config/services/cart/staging.yaml"
    "08-prod-slow-gateway/config/services/payments/base.yaml"
    "09-prod-review/config/services/payments/prod.yaml"
    "10-next-generation/config/base.yaml"
    "10-next-generation/config/services/catalog/base.yaml"
    "10-next-generation/config/services/payments/base.yaml"
    "10-next-generation/config/services/search/base.yaml"
    "10-next-generation/migrations/2.0.0.yaml"
    "10-next-generation/migrations/tests/2.0.0/payments/in.yaml"
    "10-next-generation/migrations/tests/2.0.0/payments/out.yaml"
    "10-next-generation/schema/app.schema.yaml"
    "11-dev-newest-first/config/services/search/base.yaml"
    "history.yaml"
};

/// The starter templates: a folder each.
pub(super) static TEMPLATES: &[File] = files! { "templates":
    "environments/files/config/base.yaml"
    "environments/files/config/environments/dev.yaml"
    "environments/files/config/environments/prod.yaml"
    "environments/files/config/environments/staging.yaml"
    "environments/files/schema/app.schema.yaml"
    "environments/files/schema/environments/prod.schema.yaml"
    "environments/files/strata.yaml"
    "environments/template.yaml"
    "minimal/files/config/app.yaml"
    "minimal/files/schema/app.schema.yaml"
    "minimal/files/strata.yaml"
    "minimal/template.yaml"
    "services/files/config/base.yaml"
    "services/files/config/environments/dev.yaml"
    "services/files/config/environments/prod.yaml"
    "services/files/config/providers/aws.yaml"
    "services/files/config/providers/gcp.yaml"
    "services/files/config/services/web/base.yaml"
    "services/files/config/services/web/prod.yaml"
    "services/files/config/services/worker/base.yaml"
    "services/files/schema/app.schema.yaml"
    "services/files/schema/providers/aws.schema.yaml"
    "services/files/schema/providers/gcp.schema.yaml"
    "services/files/strata.yaml"
    "services/template.yaml"
};

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_file_on_disk_is_embedded() {
        for (folder, embedded) in [("examples/shop", SHOP), ("templates", TEMPLATES)] {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
            let mut missing = Vec::new();
            for entry in walkdir::WalkDir::new(&root) {
                let entry = entry.unwrap();
                if entry.file_type().is_file() {
                    let path = entry.path().strip_prefix(&root).unwrap().to_str().unwrap();
                    if !embedded.iter().any(|(known, _)| *known == path) {
                        missing.push(format!("    {path:?}"));
                    }
                }
            }
            missing.sort();
            let lines = missing.join("\n");
            assert!(
                missing.is_empty(),
                "add to the list of `{folder}`:\n{lines}"
            );
        }
    }

    #[test]
    fn every_document_reads_without_a_finding() {
        use crate::document::{Format, parse, read};

        for (path, bytes) in SHOP.iter().chain(TEMPLATES) {
            if let Some(format) = Format::of_path(path) {
                let parsed = parse(&read(path, None, bytes).unwrap(), format);
                assert!(parsed.findings.is_empty(), "{path}: {:?}", parsed.findings);
                assert_eq!(parsed.documents.len(), 1, "{path}");
            }
        }
    }
}
