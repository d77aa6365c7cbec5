//! Activities, their versions, evidence and reviews.

diesel::table! {
    activities (id) {
        id -> BigInt,
        holder_id -> BigInt,
        status -> Text,
        category -> Nullable<Text>,
        title -> Text,
        organiser -> Text,
        field_id -> Nullable<BigInt>,
        started_on -> Nullable<Date>,
        completed_on -> Nullable<Date>,
        quantity -> Nullable<BigInt>,
        awarded -> Nullable<BigInt>,
        publication -> Text,
        publication_fold -> Text,
        relevance -> Text,
        not_regular_job -> Bool,
        reported_at -> Nullable<Timestamp>,
        decided_at -> Nullable<Timestamp>,
        queue_rank -> Nullable<BigInt>,
        queue_deadline -> Nullable<Date>,
        import_key -> Nullable<Text>,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        waiting_since -> Nullable<Timestamp>,
        returned_at -> Nullable<Timestamp>,
        holders_turn -> BigInt,
    }
}

diesel::table! {
    activity_versions (activity_id, version) {
        activity_id -> BigInt,
        version -> BigInt,
        changed_by -> Nullable<BigInt>,
        changed_at -> Timestamp,
        facts -> Text,
    }
}

diesel::table! {
    reviews (id) {
        id -> BigInt,
        activity_id -> BigInt,
        activity_version -> BigInt,
        decision -> Text,
        quantity -> Nullable<BigInt>,
        reason_code -> Nullable<Text>,
        reason -> Text,
        reviewer_id -> Nullable<BigInt>,
        reviewed_at -> Timestamp,
    }
}

diesel::table! {
    year_counts (certificate_id, year, activity_id) {
        certificate_id -> BigInt,
        year -> BigInt,
        activity_id -> BigInt,
        credits -> BigInt,
    }
}

diesel::table! {
    evidence (id) {
        id -> BigInt,
        holder_id -> BigInt,
        activity_id -> Nullable<BigInt>,
        sha256 -> Text,
        name -> Text,
        media_type -> Text,
        bytes -> BigInt,
        added_at -> Timestamp,
        removed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    review_claims (activity_id) {
        activity_id -> BigInt,
        reviewer_id -> BigInt,
        claimed_at -> Timestamp,
        ends_at -> Timestamp,
    }
}

diesel::table! {
    prepared_words (reason_code) {
        reason_code -> Text,
        words -> Text,
        changed_by -> BigInt,
        changed_at -> Timestamp,
    }
}

diesel::table! {
    prepared_rejections (reason_code) {
        reason_code -> Text,
        words -> Text,
        changed_by -> BigInt,
        changed_at -> Timestamp,
    }
}

diesel::table! {
    draft_texts (activity_id) {
        activity_id -> BigInt,
        fields -> Text,
    }
}

diesel::table! {
    form_keys (holder_id, form_key) {
        holder_id -> BigInt,
        form_key -> Text,
        activity_id -> BigInt,
        version -> BigInt,
        used_at -> Timestamp,
    }
}

diesel::table! {
    remarks (activity_id, version) {
        activity_id -> BigInt,
        version -> BigInt,
        hints -> Text,
        explanation -> Text,
    }
}

diesel::table! {
    corrections (id) {
        id -> BigInt,
        activity_id -> BigInt,
        holder_id -> BigInt,
        activity_version -> BigInt,
        facts -> Text,
        reason -> Text,
        asked_at -> Timestamp,
        state -> Text,
        answer -> Text,
        answered_by -> Nullable<BigInt>,
        answered_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    asked_reports (activity_id) {
        activity_id -> BigInt,
        conversation_id -> BigInt,
    }
}
