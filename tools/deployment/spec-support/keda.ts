/** What is used of the custom resources of KEDA 2, by its documentation: https://keda.sh/docs/2.15/reference/scaledobject-spec/ */
interface Metadata {
  name: string;
  namespace?: string;
  labels?: Record<string, string>;
}

export interface IScaledObject {
  apiVersion: 'keda.sh/v1alpha1';
  kind: 'ScaledObject';
  metadata: Metadata;
  spec: {
    scaleTargetRef: { name: string; kind?: string; apiVersion?: string };
    pollingInterval?: number;
    cooldownPeriod?: number;
    minReplicaCount?: number;
    maxReplicaCount?: number;
    advanced?: {
      restoreToOriginalReplicaCount?: boolean;
      horizontalPodAutoscalerConfig?: {
        name?: string;
        behavior?: Partial<
          Record<
            'scaleDown' | 'scaleUp',
            {
              stabilizationWindowSeconds?: number;
              selectPolicy?: 'Max' | 'Min' | 'Disabled';
              policies?: { type: 'Pods' | 'Percent'; value: number; periodSeconds: number }[];
            }
          >
        >;
      };
    };
    triggers: {
      type: 'redis';
      metadata: { address: string; listName: string; listLength: string; enableTLS?: string; databaseIndex?: string };
      authenticationRef?: { name: string };
    }[];
  };
}

export interface ITriggerAuthentication {
  apiVersion: 'keda.sh/v1alpha1';
  kind: 'TriggerAuthentication';
  metadata: Metadata;
  spec: { secretTargetRef: { parameter: string; name: string; key: string }[] };
}
