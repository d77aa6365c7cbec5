-- All that a schema is made of, a line each, in PostgreSQL's own words.
SELECT line FROM (
    SELECT format('column %s.%s, number %s: %s%s%s%s%s', c.relname, a.attname,
        row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum),
        format_type(a.atttypid, a.atttypmod),
        CASE WHEN a.attnotnull THEN ' NOT NULL' END,
        ' COLLATE ' || NULLIF(k.collname, 'default'),
        ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid),
        CASE a.attidentity WHEN 'd' THEN ' BY DEFAULT AS IDENTITY' WHEN 'a' THEN ' ALWAYS AS IDENTITY' END) AS line
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    LEFT JOIN pg_collation k ON k.oid = a.attcollation
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
    UNION ALL
    -- keys, uniques, references and checks, whatever their names
    SELECT format('constraint of %s: %s', conrelid::regclass, pg_get_constraintdef(oid)) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'u', 'f', 'c')
    UNION ALL
    SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i
    JOIN pg_class c ON c.oid = i.indexrelid
    WHERE c.relnamespace = 'public'::regnamespace
        AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u'))
    UNION ALL
    SELECT format('%s%s', pg_get_triggerdef(t.oid),
        CASE t.tgenabled WHEN 'O' THEN '' WHEN 'A' THEN ', also where triggers rest' ELSE ', switched off' END)
    FROM pg_trigger t WHERE NOT t.tgisinternal
    UNION ALL
    -- what conditions look up
    SELECT format('function %s(%s): %s', p.proname, pg_get_function_arguments(p.oid),
        regexp_replace(pg_get_function_sqlbody(p.oid), '\s+', ' ', 'g'))
    FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prorettype = 'boolean'::regtype
) AS lines ORDER BY line;
