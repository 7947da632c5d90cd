/** The name under which the function that reconciles one load balancer is deployed. */
export const RECONCILE_FUNCTION = 'slb-autopilot-reconcile-load-balancer';
