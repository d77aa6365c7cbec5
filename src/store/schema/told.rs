//! Who was told what, and what came back.

diesel::table! {
    year_notices (certificate_id, year, mail_id) {
        certificate_id -> BigInt,
        year -> BigInt,
        mail_id -> BigInt,
    }
}

diesel::table! {
    bounces (id) {
        id -> BigInt,
        mail_id -> BigInt,
        account_id -> BigInt,
        address -> Text,
        words -> Text,
        noted_by -> BigInt,
        noted_at -> Timestamp,
        confirmed_at -> Nullable<Timestamp>,
        resolved_at -> Nullable<Timestamp>,
        resolution -> Nullable<Text>,
    }
}
