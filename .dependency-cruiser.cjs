/** Who may import whom. Each comment tells the reader what to do instead. */
const only = (name, from, allowed, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: from },
  to: { pathNot: [...allowed, 'node_modules'], dependencyTypesNot: ['core'] },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'Move the shared part into a third file.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolved',
      severity: 'error',
      comment: 'The import names nothing.',
      from: {},
      to: { couldNotResolve: true },
    },
    only(
      'domain-is-alone',
      '^functions/domain/',
      ['^functions/domain/'],
      'The domain knows nothing but itself. Pass what it needs as a parameter.',
    ),
    only(
      'reachability-knows-no-scanner',
      '^functions/reachability/',
      ['^functions/(reachability|domain/net)/'],
      'The policy engine takes manifests and gives connections; what a finding is, it does not know. Address arithmetic is all that it shares.',
    ),
    only(
      'controls-are-pure',
      '^functions/controls/',
      ['^functions/(domain|controls|reachability)/'],
      'A control sees evidence only. Read the value in a collector and add it to the evidence type.',
    ),
    only(
      'controls-of-platforms-are-apart',
      '^functions/controls/(eks|aks|iks|kubernetes|kubespray)/',
      ['^functions/(domain|reachability)/', '^functions/controls/shared/', '^functions/controls/$1/'],
      'A control knows its own platform. What several platforms share lies in functions/controls/shared/.',
    ),
    {
      name: 'controls-go-through-their-door',
      severity: 'error',
      comment:
        'Define the control by the door of its platform, functions/controls/<platform>/shared/define-<...>-control.ts.',
      from: { pathNot: '^functions/controls/[^/]+/shared/define-[a-z-]+-control\\.ts$' },
      to: { path: '^functions/controls/shared/define-control\\.ts$' },
    },
    {
      name: 'helpers-know-no-control',
      severity: 'error',
      comment:
        "A helper serves controls. Where one control needs another's verdict, it asks for it: subject.verdictOf(other).",
      // The comparison of inventory and live cluster goes through a list of controls.
      from: {
        path: '^functions/controls/[^/]+/shared/',
        pathNot: '^functions/controls/kubespray/shared/variable-controls\\.ts$',
      },
      to: { path: '^functions/controls/[^/]+/[^/]+\\.ts$', pathNot: '^functions/controls/shared/' },
    },
    only(
      'frameworks-and-formats-know-the-domain',
      '^functions/(frameworks|formats)/',
      ['^functions/(domain|reachability)/', '^functions/frameworks/', '^functions/formats/'],
      'Mappings and formats turn domain values into text; fetch nothing there.',
    ),
    only(
      'collectors-are-apart',
      '^functions/collectors/(?!transport/)([^/]+)/',
      ['^functions/(domain|reachability)/', '^functions/collectors/($1|transport)/'],
      'A collector knows the domain, the transport and its own provider only. What several share lies in the domain or, where it sends requests, in the transport.',
    ),
    only(
      'transport-knows-no-provider',
      '^functions/collectors/transport/',
      ['^functions/domain/', '^functions/collectors/transport/'],
      "The transport sends, repeats and reads for every provider. What one provider means by a code is that provider's own table.",
    ),
    only(
      'storage-and-notifiers-know-the-domain',
      '^functions/(storage|notifiers)/',
      [
        '^functions/domain/',
        '^functions/storage/',
        '^functions/notifiers/',
        '^functions/collectors/transport/(body|retry-after)\\.ts$',
      ],
      "Storage and notifiers translate domain values; use cases decide. A webhook's response is read by the transport's reader.",
    ),
    only(
      'use-cases-take-ports',
      '^functions/app/',
      ['^functions/(domain|controls|frameworks|formats|app)/'],
      'A use case gets clients, clocks and stores as parameters.',
    ),
    only(
      'configuration-starts-nothing',
      '^functions/config/',
      ['^functions/(domain|controls|config)/', '^functions/collectors/[^/]+/options\\.ts$'],
      'The configuration gives options their types and values; who makes clients of them is up to commands and handlers.',
    ),
    {
      name: 'infra-pulls-no-runtime',
      severity: 'error',
      comment:
        "Templates read permissions and lists only (the table's shape and the catalogue are such lists); runtime code is bundled by path.",
      from: { path: '^(infra|bin/app)' },
      to: {
        path: '^functions/(handlers|storage|notifiers|app)/',
        pathNot: '^functions/(storage/table|app/catalogue)\\.ts$',
      },
    },
    {
      name: 'nothing-imports-the-estate',
      severity: 'error',
      comment: 'Only the demo command starts the estate.',
      from: { pathNot: '^(estate|test|bench|bin)/' },
      to: { path: '^estate/' },
    },
    {
      name: 'the-dashboard-asks-the-api',
      severity: 'error',
      comment:
        'The dashboard runs in a browser: it asks the query API, and shares types and pure functions of the domain only.',
      from: { path: '^web/' },
      to: { pathNot: ['^web/', '^functions/domain/', 'node_modules/preact/'] },
    },
    {
      name: 'nothing-imports-the-dashboard',
      severity: 'error',
      comment: 'The dashboard is bundled by path.',
      from: { pathNot: '^(web|test)/' },
      to: { path: '^web/' },
    },
    {
      name: 'nothing-imports-tests',
      severity: 'error',
      comment: 'Move the shared part out of test/ or bench/.',
      from: { pathNot: '^(test|bench)/' },
      to: { path: '^(test|bench)/' },
    },
    {
      name: 'pure-layers-without-packages',
      severity: 'error',
      comment: 'Pure layers may use the schema library and the address library, no SDK and no node: module.',
      from: { path: '^functions/(domain|reachability|controls|frameworks)/' },
      to: { path: 'node_modules', pathNot: 'node_modules/(valibot|ipaddr\\.js)/' },
    },
    {
      name: 'pure-layers-without-node',
      severity: 'error',
      comment: 'Pure layers run anywhere: pass clocks, files and digests as parameters.',
      from: { path: '^functions/(domain|reachability|controls|frameworks)/' },
      to: { dependencyTypes: ['core'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    parser: 'swc',
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
