//! Jobs, leases, checks, and set-up.

diesel::table! {
    job_runs (id) {
        id -> BigInt,
        job -> Text,
        started_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
        outcome -> Text,
        report -> Text,
    }
}

diesel::table! {
    leases (name) {
        name -> Text,
        owner -> Text,
        until -> Timestamp,
    }
}

diesel::table! {
    kept_figures (chart, place, series) {
        chart -> Text,
        place -> Text,
        series -> Text,
        amount -> BigInt,
        counted_on -> Date,
    }
}

diesel::table! {
    setup (id) {
        id -> BigInt,
        dismissed_by -> BigInt,
        dismissed_at -> Timestamp,
    }
}

diesel::table! {
    import_problems (account_id) {
        account_id -> BigInt,
        file_name -> Text,
        made_at -> Timestamp,
        content -> Binary,
    }
}

diesel::table! {
    data_checks (id) {
        id -> BigInt,
        started_at -> Timestamp,
        finished_at -> Timestamp,
        invariants -> BigInt,
        broken -> BigInt,
    }
}

diesel::table! {
    data_check_findings (check_id, place) {
        check_id -> BigInt,
        place -> BigInt,
        invariant -> Text,
        found -> Text,
    }
}

diesel::table! {
    database_marks (id) {
        id -> BigInt,
        mark -> Text,
        changes -> BigInt,
    }
}
