/**
 * Names that stand for addresses or names which Microsoft maintains. Dated, because new ones appear: a tag that is not listed is not
 * assumed to be harmless. Sources: Azure documentation, "Virtual network service tags" and "FQDN tags overview for Azure Firewall".
 */
export const TAGS_DATED = '2026-11-01';

/** Every public address: what the tag means by its documentation ("the IP address space that's outside the virtual network"). */
export const INTERNET = 'internet';

/** Addresses that anybody can rent: every public address of Azure. */
const ANYBODYS = ['AzureCloud'];

const SERVICE_TAGS = [
  ...ANYBODYS,
  'ActionGroup',
  'ApiManagement',
  'ApplicationInsightsAvailability',
  'AppConfiguration',
  'AppService',
  'AppServiceManagement',
  'AutonomousDevelopmentPlatform',
  'AzureActiveDirectory',
  'AzureActiveDirectoryDomainServices',
  'AzureAdvancedThreatProtection',
  'AzureAPIForFHIR',
  'AzureArcInfrastructure',
  'AzureAttestation',
  'AzureBackup',
  'AzureBotService',
  'AzureCognitiveSearch',
  'AzureConnectors',
  'AzureContainerRegistry',
  'AzureCosmosDB',
  'AzureDatabricks',
  'AzureDataExplorerManagement',
  'AzureDeviceUpdate',
  'AzureDevOps',
  'AzureDevSpaces',
  'AzureDigitalTwins',
  'AzureEventGrid',
  'AzureFrontDoor.Backend',
  'AzureFrontDoor.FirstParty',
  'AzureFrontDoor.Frontend',
  'AzureHealthcareAPIs',
  'AzureInformationProtection',
  'AzureIoTHub',
  'AzureKeyVault',
  'AzureLoadTestingInstanceManagement',
  'AzureMachineLearning',
  'AzureMachineLearningInference',
  'AzureManagedGrafana',
  'AzureMonitor',
  'AzureMonitorForSAP',
  'AzureOpenDatasets',
  'AzurePlatformDNS',
  'AzurePlatformIMDS',
  'AzurePlatformLKM',
  'AzurePortal',
  'AzureResourceManager',
  'AzureSecurityCenter',
  'AzureSentinel',
  'AzureSignalR',
  'AzureSiteRecovery',
  'AzureSphere',
  'AzureSpringCloud',
  'AzureStack',
  'AzureTrafficManager',
  'AzureUpdateDelivery',
  'AzureVideoAnalyzerForMedia',
  'AzureWebPubSub',
  'BatchNodeManagement',
  'ChaosStudio',
  'CognitiveServicesFrontend',
  'CognitiveServicesManagement',
  'DataFactory',
  'DataFactoryManagement',
  'Dynamics365BusinessCentral',
  'Dynamics365ForMarketingEmail',
  'EOPExternalPublishedIPs',
  'EventHub',
  'GatewayManager',
  'GenevaAction',
  'GuestAndHybridManagement',
  'HDInsight',
  'KustoAnalytics',
  'LogicApps',
  'LogicAppsManagement',
  'M365ManagementActivityApi',
  'M365ManagementActivityApiWebhook',
  'Marketplace',
  'MicrosoftAzureFluidRelay',
  'MicrosoftCloudAppSecurity',
  'MicrosoftContainerRegistry',
  'MicrosoftDefenderForEndpoint',
  'MicrosoftPurviewPolicyDistribution',
  'OneDsCollector',
  'PowerBI',
  'PowerPlatformInfra',
  'PowerPlatformPlex',
  'PowerQueryOnline',
  'Scuba',
  'SerialConsole',
  'ServiceBus',
  'ServiceFabric',
  'Sql',
  'SqlManagement',
  'Storage',
  'StorageMover',
  'StorageSyncService',
  'TrafficManager',
  'VideoIndexer',
  'WindowsAdminCenter',
  'WindowsVirtualDesktop',
];

/** Tags that Azure Firewall makes of Microsoft 365 endpoint sets. */
const OFFICE = /^office365(?:\.[a-z0-9]+)*$/;

const KNOWN = new Set(SERVICE_TAGS.map((tag) => tag.toLowerCase()));

/** `Storage`, and `Storage.WestEurope`: a tag may be limited to a region. */
export function isServiceTag(name: string): boolean {
  const tag = name.toLowerCase();
  if (tag === INTERNET || KNOWN.has(tag) || OFFICE.test(tag)) return true;
  const parent = tag.replace(/\.[a-z0-9]+$/, '');
  return parent !== tag && KNOWN.has(parent);
}

/** Whether the tag admits everybody who rents a machine in Azure (`AzureCloud`, and `AzureCloud.WestEurope`). */
export function isEverybodyInAzure(name: string): boolean {
  return ANYBODYS.some((tag) => isWithinTag(name, tag));
}

/** The tag itself, or one of its regions. */
export function isWithinTag(name: string, tag: string): boolean {
  const [own, other] = [name.toLowerCase(), tag.toLowerCase()];
  return own === other || own.startsWith(`${other}.`);
}

const FQDN_TAGS = new Set(
  [
    'AppServiceEnvironment',
    'AzureBackup',
    'AzureHDInsight',
    'AzureKubernetesService',
    'MicrosoftActiveProtectionService',
    'MicrosoftIntune',
    'WindowsDiagnostics',
    'WindowsUpdate',
    'WindowsVirtualDesktop',
    'Windows365',
    'citrixHdxPlusForWindows365',
  ].map((tag) => tag.toLowerCase()),
);

export function isFqdnTag(name: string): boolean {
  const tag = name.toLowerCase();
  return FQDN_TAGS.has(tag) || OFFICE.test(tag);
}
